/**
 * The whole protocol over an asset that exists, owned by its timelock:
 * `npx hardhat ignition deploy ignition/modules/Saksi.ts --parameters FILE`.
 */
import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { saksi } from "./core.ts";

export default buildModule("Saksi", (m) => saksi(m, m.getParameter("asset")));
