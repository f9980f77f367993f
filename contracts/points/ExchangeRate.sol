// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title What points are worth
/// @notice `points` points are worth `minorUnits` minor units of the ledger's currency.
library ExchangeRate {
    /// @notice The cash that `amount` points pay: rounded down, so never a fraction too much.
    /// @dev No product overflows: all three are below 2^128.
    function cashFor(uint256 amount, uint256 points, uint256 minorUnits) internal pure returns (uint256) {
        unchecked {
            return amount * minorUnits / points;
        }
    }

    /// @notice The fewest points, a multiple of `increment`, that reach the largest cash up to
    /// `wish`.
    function pointsFor(uint256 wish, uint256 points, uint256 minorUnits, uint256 increment)
        internal
        pure
        returns (uint256)
    {
        uint256 most = ((wish + 1) * points - 1) / minorUnits;
        uint256 cash = cashFor(most - most % increment, points, minorUnits);
        return roundUp((cash * points + minorUnits - 1) / minorUnits, increment);
    }

    /// @notice The smallest multiple of `increment` that is at least `amount`.
    /// @dev The division drops what is below a multiple, which is what it is for.
    // slither-disable-next-line divide-before-multiply
    function roundUp(uint256 amount, uint256 increment) internal pure returns (uint256) {
        return (amount + increment - 1) / increment * increment;
    }
}
