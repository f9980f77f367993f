// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LedgerStorage} from "./LedgerStorage.sol";
import {TillRoll} from "./TillRoll.sol";

/// @title The terminal whose orders a batch is at
/// @dev Read when its turn comes and written back when it is over, since a batch mostly holds many
/// orders of one terminal: 700 gas an order. So a terminal that is a contract, asked whether it signed,
/// may not see yet what became of its earlier orders in the same batch.
abstract contract TillInHand is LedgerStorage {
    using TillRoll for uint256;

    struct Hand {
        uint256 at; // key of the strip in hand
        uint256 strip;
        address key;
        bool enabled;
        uint256 catalogue;
        uint256 takings; // of today
        uint256 home; // key of the strip that has the takings in storage
        bool changed;
    }

    /// @dev Take another strip, of the same terminal or of another.
    function _take(Hand memory hand, uint256 at) internal {
        if (hand.changed) _putBack(hand);
        uint256 terminal = TillRoll.terminalOf(at);
        if (terminal != TillRoll.terminalOf(hand.at)) {
            TillSlot storage slot = _tills[address(uint160(terminal))];
            (hand.key, hand.enabled, hand.catalogue) = (slot.key, slot.enabled, slot.catalogue);
            hand.home = TillRoll.key(terminal, slot.strip);
            hand.strip = _strips[hand.home];
            hand.takings = hand.strip.takingsOn(_today());
            hand.at = hand.home;
        }
        if (at != hand.at) (hand.at, hand.strip) = (at, _strips[at]);
    }

    function _putBack(Hand memory hand) internal {
        hand.changed = false;
        _strips[hand.at] = hand.strip.withTakings(_today(), hand.takings);
        if (hand.at != hand.home) {
            hand.home = hand.at;
            _tills[address(uint160(TillRoll.terminalOf(hand.at)))].strip = TillRoll.numberOf(hand.at);
        }
    }
}
