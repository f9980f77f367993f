// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IPointsLedger} from "../../interfaces/IPointsLedger.sol";
import {Crediting} from "./Crediting.sol";
import {Lots} from "./Lots.sol";
import {TillRoll} from "./TillRoll.sol";

/// @title Giving back what an order took, into the very lots that it came from
/// @dev Nothing here asks whether the ledger is paused or the terminal enabled.
abstract contract Refunding is Crediting {
    using Lots for uint256;

    /// @inheritdoc IPointsLedger
    function cancel(Receipt calldata receipt, bytes32[] calldata proof) external {
        _requireParty(receipt.terminal);
        uint256 settled = _verify(receipt, proof);
        _finalize(
            receipt.terminal, receipt.sequence / TillRoll.LENGTH, 1 << receipt.sequence % TillRoll.LENGTH
        );
        emit OrderCancelled(receipt.orderId, receipt.terminal, receipt.sequence);
        uint256 left = receipt.cash - refunded[receipt.orderId];
        if (left != 0) _refund(receipt, left, settled);
    }

    /// @inheritdoc IPointsLedger
    function refund(Receipt calldata receipt, bytes32[] calldata proof, uint40 cash) external {
        _requireParty(receipt.terminal);
        uint256 settled = _verify(receipt, proof);
        uint256 left = receipt.cash - refunded[receipt.orderId];
        if (cash == 0 || cash > left) revert RefundExceedsOrder(receipt.orderId, cash, left);
        _refund(receipt, cash, settled);
    }

    function _requireParty(address terminal) private view {
        if (_tills[terminal].key != msg.sender && !hasRole(SETTLER_ROLE, msg.sender)) {
            revert NotTerminalNorBank(terminal, msg.sender);
        }
    }

    // A batch that was never settled has no time: zero, and nothing near it, says so.
    // slither-disable-next-line incorrect-equality
    function _verify(Receipt calldata receipt, bytes32[] calldata proof) private view returns (uint256 settled) {
        settled = settledAt[MerkleProof.processProofCalldata(proof, keccak256(abi.encode(receipt)))];
        if (settled == 0) revert ReceiptUnknown(receipt.orderId);
    }

    /// @dev Rounding down over the running sum: whatever the parts, a full refund restores all.
    function _refund(Receipt calldata receipt, uint256 cash, uint256 settled) private {
        uint256 until = settled + uint256(_terms[receipt.rules].refundDays) * 1 days;
        if (block.timestamp > until) revert RefundTooLate(receipt.orderId, until);
        uint256 before = refunded[receipt.orderId];
        uint256 restoredBefore = receipt.points * before / receipt.cash;
        uint256 restored = receipt.points * (before + cash) / receipt.cash - restoredBefore;
        refunded[receipt.orderId] = uint40(before + cash);
        _restored += uint48(restored);
        emit OrderRefunded(
            receipt.orderId, receipt.account, receipt.terminal, uint40(cash), uint32(restored)
        );
        _restore(receipt, restored, restoredBefore);
    }

    /// @dev Last drawn first, past the points that earlier refunds have restored.
    function _restore(Receipt calldata receipt, uint256 points, uint256 skip) private {
        uint256 account = _touch(receipt.account);
        uint256 first = _firstPeriod();
        uint256 lapsing;
        for (uint256 i = Lots.COUNT; i != 0 && points != 0; --i) {
            uint256 taken = uint256(receipt.drawn).at(i - 1);
            if (taken <= skip) {
                skip -= taken;
                continue;
            }
            uint256 back = taken - skip;
            skip = 0;
            if (back > points) back = points;
            points -= back;
            uint256 lot = _home(receipt.firstPeriod + i - 1, first, _terms[receipt.rules].graceDays);
            uint256 over = back;
            if (lot < Lots.COUNT) (account, over) = account.put(lot, back);
            lapsing += over;
        }
        _accounts[receipt.account].packed = account;
        if (lapsing != 0) _lapse(receipt.account, lapsing);
    }

    /// @dev The lot that points earned in `period` go back into; `Lots.COUNT` if they lapse.
    function _home(uint256 period, uint256 first, uint256 graceDays) private view returns (uint256 lot) {
        if (period >= first) return period - first;
        if (graceDays == type(uint16).max) return Lots.COUNT;
        while (lot < Lots.COUNT - 1 && (first + lot + Lots.COUNT) * lotDays < _today() + graceDays) ++lot;
    }
}
