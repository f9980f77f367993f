// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPointsTypes} from "../../interfaces/IPointsTypes.sol";

/// @title What became of each sequence number of a terminal
/// @notice Two bits a number, 128 numbers a word.
library Marks {
    function get(mapping(uint256 word => uint256) storage marks, uint256 sequence)
        internal
        view
        returns (IPointsTypes.Mark)
    {
        return IPointsTypes.Mark((marks[sequence >> 7] >> _shift(sequence)) & 3);
    }

    /// @dev Marks only ever gain bits: unused 00, rejected 01, paid 10, finalized 11.
    function raise(mapping(uint256 word => uint256) storage marks, uint256 sequence, IPointsTypes.Mark mark) internal {
        marks[sequence >> 7] |= uint256(mark) << _shift(sequence);
    }

    function _shift(uint256 sequence) private pure returns (uint256) {
        return (sequence & 127) << 1;
    }
}
