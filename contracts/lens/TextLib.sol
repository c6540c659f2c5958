// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

/// @title Amounts, times and lists in words. Pure.
library TextLib {
    uint256 private constant DAY = 86400;

    /// @notice A fixed-point number without needless zeros: (1500000, 6) is "1.5".
    function amount(uint256 value, uint256 decimals) internal pure returns (string memory) {
        uint256 unit = 10 ** decimals;
        uint256 rest = value % unit;
        if (rest == 0) return Strings.toString(value / unit);
        while (rest % 10 == 0) {
            rest /= 10;
            --decimals;
        }
        bytes memory digits = new bytes(decimals);
        for (uint256 i = decimals; i > 0; --i) {
            digits[i - 1] = bytes1(uint8(48 + rest % 10));
            rest /= 10;
        }
        return string.concat(Strings.toString(value / unit), ".", string(digits));
    }

    function usdE6(uint256 value) internal pure returns (string memory) {
        return string.concat(amount(value, 6), " USD");
    }

    function saksi(uint256 value) internal pure returns (string memory) {
        return string.concat(amount(value, 18), " SAKSI");
    }

    function shares(uint256 value) internal pure returns (string memory) {
        return string.concat(amount(value, 12), " shares");
    }

    /// @notice "a profit of 1.5 USD", "a loss of 2 USD".
    function result(int256 pnlE8) internal pure returns (string memory) {
        uint256 size = uint256(pnlE8 < 0 ? -pnlE8 : pnlE8);
        return string.concat(pnlE8 < 0 ? "a loss of " : "a profit of ", amount(size, 8), " USD");
    }

    /// @notice Unix seconds as "2026-11-22 23:46:45 UTC".
    function time(uint256 seconds_) internal pure returns (string memory) {
        (uint256 year, uint256 month, uint256 day) = _date(seconds_ / DAY);
        uint256 s = seconds_ % DAY;
        return string.concat(
            string.concat(Strings.toString(year), "-", _two(month), "-", _two(day)),
            string.concat(" ", _two(s / 3600), ":", _two(s / 60 % 60), ":", _two(s % 60), " UTC")
        );
    }

    /// @dev Gregorian date of a day after 1970-01-01. Years are counted from March, in eras of 400 of them (146097
    /// days), so that the day that leaps is the last of its year.
    function _date(uint256 daysAfter1970) private pure returns (uint256 year, uint256 month, uint256 day) {
        uint256 z = daysAfter1970 + 719468; // since 0000-03-01
        uint256 inEra = z % 146097;
        uint256 yearOfEra = (inEra - inEra / 1460 + inEra / 36524 - inEra / 146096) / 365;
        uint256 inYear = inEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        uint256 fromMarch = (5 * inYear + 2) / 153;
        day = inYear - (153 * fromMarch + 2) / 5 + 1;
        month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
        year = z / 146097 * 400 + yearOfEra + (month < 3 ? 1 : 0);
    }

    function _two(uint256 value) private pure returns (string memory) {
        return string.concat(value < 10 ? "0" : "", Strings.toString(value));
    }

    /// @notice The words of the bits that are set, separated by commas.
    /// @param words one for each bit, from the lowest, separated by ";"
    function bits(uint256 set, string memory words) internal pure returns (string memory out) {
        for (uint256 i = 0; set >> i != 0; ++i) {
            if ((set >> i) & 1 == 0) continue;
            string memory word = nth(words, i);
            if (bytes(word).length == 0) continue;
            out = bytes(out).length == 0 ? word : string.concat(out, ", ", word);
        }
    }

    /// @notice One of many words separated by ";"; empty where there are fewer.
    function nth(string memory words, uint256 index) internal pure returns (string memory word) {
        bytes memory all = bytes(words);
        uint256 start = 0;
        uint256 end = 0;
        for (; end < all.length; ++end) {
            if (all[end] != ";") continue;
            if (index == 0) break;
            --index;
            start = end + 1;
        }
        if (index != 0) return "";
        word = new string(end - start);
        for (uint256 i = start; i < end; ++i) bytes(word)[i - start] = all[i];
    }
}
