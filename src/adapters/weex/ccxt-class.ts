/** How the one class of ccxt.pro that is used is reached. The bundler puts a static import in the place of this file. */

/** Importing the one class file takes a third of the time and half of the memory of the whole package, whose exports hide it. */
export async function loadWeexClass(): Promise<unknown> {
  try {
    const root = import.meta.resolve("ccxt");
    const module = (await import(new URL("./src/pro/weex.js", root).href)) as { default: unknown };
    return module.default;
  } catch {
    const wholePackage = "ccxt";
    const module = (await import(wholePackage)) as { pro: { weex: unknown } };
    return module.pro.weex;
  }
}
