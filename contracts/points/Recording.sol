// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPointsLedger} from "../../interfaces/IPointsLedger.sol";
import {LedgerStorage} from "./LedgerStorage.sol";
import {Slips} from "./Slips.sol";
import {TillRoll} from "./TillRoll.sol";

/// @title Records 1 and 3 of a payment: the terminal's own word
abstract contract Recording is LedgerStorage {
    using Slips for Slips.Slip;
    using TillRoll for uint256;

    /// @inheritdoc IPointsLedger
    function recordOrders(address terminal, bytes32[] calldata orderIds) external {
        _requireKeyOf(terminal);
        if (orderIds.length == 0) revert EmptyBatch();
        emit OrdersRecorded(terminal, orderIds);
    }

    /// @inheritdoc IPointsLedger
    function finalize(address terminal, uint64 firstSequence, uint256 orders) external {
        _requireKeyOf(terminal);
        if (orders == 0) revert EmptyBatch();
        uint256 sequence = firstSequence; // wider, since it ends past the last
        for (uint256 rest = orders; rest != 0;) {
            uint256 place = sequence % TillRoll.LENGTH;
            _finalize(terminal, sequence / TillRoll.LENGTH, TillRoll.cut(rest, place));
            rest >>= TillRoll.LENGTH - place;
            sequence += TillRoll.LENGTH - place;
        }
        emit OrdersFinalized(terminal, firstSequence, orders);
    }

    /// @inheritdoc IPointsLedger
    function markOf(address terminal, uint64 sequence) external view returns (Mark) {
        uint256 strip = _strips[TillRoll.key(uint160(terminal), sequence / TillRoll.LENGTH)];
        return strip.markAt(sequence % TillRoll.LENGTH);
    }

    /// @inheritdoc IPointsLedger
    function orderId(PaymentOrder calldata order) external pure returns (bytes32) {
        Slips.Slip memory slip;
        return slip.read(order.account, order.head, order.terms, order.lines);
    }

    function _requireKeyOf(address terminal) private view {
        if (_tills[terminal].key != msg.sender) revert NotTheTerminal(terminal, msg.sender);
    }
}
