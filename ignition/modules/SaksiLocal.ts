/** The protocol over a mock asset and with an owner of its own, for a local chain; it reads the parameters of the module `Saksi`. */
import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { saksi } from "./core.ts";

export default buildModule("Saksi", (m) => saksi(m, m.contract("MockUsd"), m.getParameter("owner")));
