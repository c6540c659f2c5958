// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Why attesters refuse, in words. The numbers are those that attesters sign.
library AttesterReasons {
    function text(uint256 reason) internal pure returns (string memory) {
        if (reason == 1) return "bad signature";
        if (reason == 2) return "wrong mandate";
        if (reason == 3) return "unknown model";
        if (reason == 4) return "unknown risk spec";
        if (reason == 10) return "stale";
        if (reason == 20) return "candles differ";
        if (reason == 21) return "funding differs";
        if (reason == 22) return "book differs";
        if (reason == 23) return "open interest differs";
        if (reason == 24) return "sentiment differs";
        if (reason == 25) return "equity differs";
        if (reason == 26) return "evidence hash differs";
        if (reason == 30) return "features refused";
        if (reason == 40) return "output differs";
        if (reason == 50) return "decision differs";
        if (reason == 51) return "bounds differ";
        if (reason == 52) return "seal differs";
        if (reason == 53) return "times differ";
        if (reason == 54) return "direction broken";
        if (reason == 60) return "price off second source";
        return "no words for it";
    }
}
