// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ExchangeRate} from "../points/ExchangeRate.sol";
import {Lots} from "../points/Lots.sol";

/// @title The ledger's arithmetic, many values at a time
contract ArithmeticHarness {
    /// @param cases Rows of amount, points, minor units.
    function cashFor(uint256[3][] calldata cases) external pure returns (uint256[] memory cash) {
        cash = new uint256[](cases.length);
        for (uint256 i; i < cases.length; ++i) {
            cash[i] = ExchangeRate.cashFor(cases[i][0], cases[i][1], cases[i][2]);
        }
    }

    /// @param cases Rows of wish, points, minor units, increment.
    function pointsFor(uint256[4][] calldata cases) external pure returns (uint256[] memory points) {
        points = new uint256[](cases.length);
        for (uint256 i; i < cases.length; ++i) {
            points[i] = ExchangeRate.pointsFor(cases[i][0], cases[i][1], cases[i][2], cases[i][3]);
        }
    }

    /// @notice Both at once for rows in one word each, so that millions of them can be asked about.
    /// @param rows Bits, high to low: increment (32), points (32), minor units (32), wish (40), amount
    /// (32).
    /// @return answers Bits, high to low: the points for the wish (128), the cash for the amount (128).
    function both(uint256[] calldata rows) external pure returns (uint256[] memory answers) {
        answers = new uint256[](rows.length);
        for (uint256 i; i < rows.length; ++i) {
            (uint256 increment, uint256 points) = (uint32(rows[i] >> 136), uint32(rows[i] >> 104));
            (uint256 minorUnits, uint256 wish) = (uint32(rows[i] >> 72), uint40(rows[i] >> 32));
            answers[i] = ExchangeRate.pointsFor(wish, points, minorUnits, increment) << 128
                | ExchangeRate.cashFor(uint32(rows[i]), points, minorUnits);
        }
    }

    function touch(uint256 account, uint256 day, uint256 lotDays)
        external
        pure
        returns (uint256 fresh, uint256 lapsed)
    {
        return Lots.touch(account, day, lotDays);
    }

    function draw(uint256 account, uint256 points)
        external
        pure
        returns (uint256 left, uint256 drawn, uint256 missing)
    {
        return Lots.draw(account, points);
    }

    function put(uint256 account, uint256 lot, uint256 points) external pure returns (uint256 next, uint256 over) {
        return Lots.put(account, lot, points);
    }
}
