/** `node src/cli/paper.ts --dir DIR`: the paper account of a live world. DIR holds its description and the account. */
import { openPaperDesk } from "../adapters/weex/paper-desk.ts";
import { runPeer } from "./peer.ts";

await runPeer("paper", openPaperDesk);
