// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPointsLedger} from "../../interfaces/IPointsLedger.sol";
import {IPointsTypes} from "../../interfaces/IPointsTypes.sol";

/// @title An order in memory, and the receipt that it becomes
/// @notice An order is laid out as its EIP-712 struct hash wants it. Three words of it are of no more
/// use once it is judged; with others in their places it is the order's `Receipt`.
/// @dev In assembly because each order takes three hashes and an event of fields that stand here side
/// by side already. `abi.encode` and `emit` copy each of them, and a batch's memory grows with every
/// order: 1,700 gas an order more.
library Slips {
    struct Slip {
        bytes32 typeHash; // then the order id
        bytes32 account;
        uint256 terminal;
        uint256 sequence;
        uint256 rules;
        uint256 points;
        uint256 deadline; // then the cash
        bytes32 lines; // then the points drawn
        uint256 firstPeriod; // no part of an order
    }

    bytes32 private constant LINE_TYPE = keccak256("OrderLine(uint32 item,uint16 quantity,uint40 price,uint40 cash)");
    bytes32 private constant ORDER_TYPE = keccak256(
        "PaymentOrder(bytes32 account,address terminal,uint64 sequence,uint32 rules,uint32 points,uint40 deadline,OrderLine[] lines)"
        "OrderLine(uint32 item,uint16 quantity,uint40 price,uint40 cash)"
    );

    /// @notice Read an order; `firstPeriod` stays what it is.
    /// @return id Its id.
    function read(
        Slip memory slip,
        bytes32 account,
        IPointsTypes.OrderHead head,
        IPointsTypes.OrderTerms terms,
        IPointsTypes.OrderLine[] calldata lines
    ) internal pure returns (bytes32 id) {
        slip.typeHash = ORDER_TYPE;
        slip.account = account;
        slip.terminal = IPointsTypes.OrderHead.unwrap(head) >> 96;
        slip.sequence = uint64(IPointsTypes.OrderHead.unwrap(head) >> 32);
        slip.rules = uint32(IPointsTypes.OrderHead.unwrap(head));
        slip.points = uint32(IPointsTypes.OrderTerms.unwrap(terms) >> 40);
        slip.deadline = uint40(IPointsTypes.OrderTerms.unwrap(terms));
        slip.lines = _hash(lines);
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            id := keccak256(slip, 0x100)
        }
    }

    /// @notice Turn a judged order into its receipt and tell of it.
    /// @return leaf What stands for it in its batch's tree: `keccak256(abi.encode(receipt))`.
    function pay(Slip memory slip, bytes32 id, uint256 cash, uint256 drawn) internal returns (bytes32 leaf) {
        bytes32 topic = IPointsLedger.OrderPaid.selector;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(slip, id)
            mstore(add(slip, 0xc0), cash)
            mstore(add(slip, 0xe0), drawn)
            leaf := keccak256(slip, 0x120)
            // The event's data are sequence, rules, points, cash and drawn, as they stand here.
            log4(add(slip, 0x60), 0xa0, topic, id, mload(add(slip, 0x20)), mload(add(slip, 0x40)))
        }
    }

    function _hash(IPointsTypes.OrderLine[] calldata lines) private pure returns (bytes32 hash) {
        bytes32 lineType = LINE_TYPE;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let hashes := mload(0x40)
            let size := shl(5, lines.length)
            let line := add(hashes, size)
            mstore(line, lineType)
            for { let i := 0 } lt(i, size) { i := add(i, 0x20) } {
                let packed := calldataload(add(lines.offset, i))
                mstore(add(line, 0x20), and(shr(96, packed), 0xffffffff))
                mstore(add(line, 0x40), and(shr(80, packed), 0xffff))
                mstore(add(line, 0x60), and(shr(40, packed), 0xffffffffff))
                mstore(add(line, 0x80), and(packed, 0xffffffffff))
                mstore(add(hashes, i), keccak256(line, 0xa0))
            }
            hash := keccak256(hashes, size)
        }
    }
}
