// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPointsTypes} from "../../interfaces/IPointsTypes.sol";

/// @title A strip of a terminal's roll in one storage slot
/// @notice What became of a hundred consecutive sequence numbers, beside the day's takings, since a
/// payment changes both. Bits, low to high: one a number, set if it was rejected or finalized (100);
/// one a number, set if it was paid (100); a day (16); the cash taken on that day (40). Of all strips
/// of a terminal the one written last in settling has the takings: the terminal's slot names it.
library TillRoll {
    uint256 internal constant LENGTH = 100;

    uint256 private constant PLACES = (1 << LENGTH) - 1;
    uint256 private constant PAID = 1 << LENGTH;
    uint256 private constant DAY = 2 * LENGTH;
    uint256 private constant TAKINGS = DAY + 16;
    uint256 private constant MARKS = (1 << DAY) - 1;

    /// @notice Where the strip with this number is kept.
    function key(uint256 terminal, uint256 number) internal pure returns (uint256) {
        return terminal << 96 | number;
    }

    function terminalOf(uint256 key_) internal pure returns (uint256) {
        return key_ >> 96;
    }

    function numberOf(uint256 key_) internal pure returns (uint64) {
        return uint64(key_);
    }

    /// @notice What became of one sequence number of the strip.
    /// @dev Bits are only ever gained: unused 00, rejected 01, paid 10, finalized 11.
    function markAt(uint256 strip, uint256 place) internal pure returns (IPointsTypes.Mark) {
        return IPointsTypes.Mark((strip >> place & 1) | (strip >> place + LENGTH & 1) << 1);
    }

    /// @notice Whether something became of it.
    function usedAt(uint256 strip, uint256 place) internal pure returns (bool) {
        return strip >> place & (PAID | 1) != 0;
    }

    function rejectAt(uint256 strip, uint256 place) internal pure returns (uint256) {
        return strip | 1 << place;
    }

    function payAt(uint256 strip, uint256 place) internal pure returns (uint256) {
        return strip | PAID << place;
    }

    /// @notice The bits of `orders` that fall into a strip if the first of them stands at `place`.
    function cut(uint256 orders, uint256 place) internal pure returns (uint256 places) {
        return orders << place & PLACES;
    }

    /// @notice Finalize those whose bit is set in `places`.
    /// @return next The strip afterwards.
    /// @return wrong Those that weren't paid, or were finalized before.
    function finalize(uint256 strip, uint256 places) internal pure returns (uint256 next, uint256 wrong) {
        return (strip | places, places & (strip | ~(strip >> LENGTH)));
    }

    function takingsOn(uint256 strip, uint256 day) internal pure returns (uint256) {
        return uint16(strip >> DAY) == day ? strip >> TAKINGS : 0;
    }

    function withTakings(uint256 strip, uint256 day, uint256 takings) internal pure returns (uint256) {
        return strip & MARKS | day << DAY | takings << TAKINGS;
    }
}
