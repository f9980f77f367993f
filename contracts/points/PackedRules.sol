// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPointsTypes} from "../../interfaces/IPointsTypes.sol";

/// @title What settling needs of a version of the rules, in one storage slot
/// @notice Bits, low to high: points, minor units, minimum, increment (32 each); the most cash of an
/// order, of an account's day and of a terminal's day (40 each). Never zero.
library PackedRules {
    function pack(IPointsTypes.Rules calldata rules) internal pure returns (uint256) {
        return uint256(rules.points) | uint256(rules.minorUnits) << 32 | uint256(rules.minimumPoints) << 64
            | uint256(rules.increment) << 96 | uint256(rules.maxOrder) << 128 | uint256(rules.maxAccountDay) << 168
            | uint256(rules.maxTerminalDay) << 208;
    }

    function points(uint256 rules) internal pure returns (uint256) {
        return uint32(rules);
    }

    function minorUnits(uint256 rules) internal pure returns (uint256) {
        return uint32(rules >> 32);
    }

    function minimumPoints(uint256 rules) internal pure returns (uint256) {
        return uint32(rules >> 64);
    }

    function increment(uint256 rules) internal pure returns (uint256) {
        return uint32(rules >> 96);
    }

    function maxOrder(uint256 rules) internal pure returns (uint256) {
        return uint40(rules >> 128);
    }

    function maxAccountDay(uint256 rules) internal pure returns (uint256) {
        return uint40(rules >> 168);
    }

    function maxTerminalDay(uint256 rules) internal pure returns (uint256) {
        return rules >> 208;
    }
}
