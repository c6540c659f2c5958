/** The core over an asset that exists: `npx hardhat ignition deploy ignition/modules/Saksi.ts --parameters FILE`. */
import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { saksi } from "./core.ts";

export default buildModule("Saksi", (m) => saksi(m, m.getParameter("asset")));
