// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPointsTypes} from "../../interfaces/IPointsTypes.sol";

/// @title The four fields of an order's line
library Lines {
    /// @notice Line `i`, which must be there.
    /// @dev In assembly because Solidity checks again that it is, and 128 bits that nobody reads: 90 gas.
    function at(IPointsTypes.OrderLine[] calldata lines, uint256 i)
        internal
        pure
        returns (IPointsTypes.OrderLine line)
    {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            line := calldataload(add(lines.offset, shl(5, i)))
        }
    }

    function item(IPointsTypes.OrderLine line) internal pure returns (uint256) {
        return IPointsTypes.OrderLine.unwrap(line) >> 96;
    }

    function quantity(IPointsTypes.OrderLine line) internal pure returns (uint256) {
        return uint16(IPointsTypes.OrderLine.unwrap(line) >> 80);
    }

    function price(IPointsTypes.OrderLine line) internal pure returns (uint256) {
        return uint40(IPointsTypes.OrderLine.unwrap(line) >> 40);
    }

    function cash(IPointsTypes.OrderLine line) internal pure returns (uint256) {
        return uint40(IPointsTypes.OrderLine.unwrap(line));
    }
}
