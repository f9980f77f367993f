// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPointsTypes} from "../../interfaces/IPointsTypes.sol";

/// @title EIP-712 struct hashes of an order and its lines
library OrderHash {
    bytes32 private constant LINE_TYPE = keccak256("OrderLine(uint32 item,uint16 quantity,uint40 price,uint40 cash)");
    bytes32 private constant ORDER_TYPE = keccak256(
        "PaymentOrder(bytes32 account,address terminal,uint64 sequence,uint32 rules,uint32 points,uint40 deadline,OrderLine[] lines)"
        "OrderLine(uint32 item,uint16 quantity,uint40 price,uint40 cash)"
    );

    /// @notice The order id.
    function idOf(IPointsTypes.PaymentOrder memory order) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                ORDER_TYPE,
                order.account,
                order.terminal,
                order.sequence,
                order.rules,
                order.points,
                order.deadline,
                _lines(order.lines)
            )
        );
    }

    function _lines(IPointsTypes.OrderLine[] memory lines) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](lines.length);
        for (uint256 i; i < lines.length; ++i) {
            IPointsTypes.OrderLine memory line = lines[i];
            hashes[i] = keccak256(abi.encode(LINE_TYPE, line.item, line.quantity, line.price, line.cash));
        }
        return keccak256(abi.encodePacked(hashes));
    }
}
