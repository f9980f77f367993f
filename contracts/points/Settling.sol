// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPointsLedger} from "../../interfaces/IPointsLedger.sol";
import {ExchangeRate} from "./ExchangeRate.sol";
import {LedgerStorage} from "./LedgerStorage.sol";
import {Lots} from "./Lots.sol";
import {Marks} from "./Marks.sol";
import {MerkleTree} from "./MerkleTree.sol";
import {OrderHash} from "./OrderHash.sol";
import {TerminalSignature} from "./TerminalSignature.sol";

/// @title The three records of a payment
abstract contract Settling is LedgerStorage {
    using Lots for uint256;
    using Marks for mapping(uint256 word => uint256);

    uint256 public constant MAX_LINES = 32;

    /// @dev What a batch has come to so far.
    struct Batch {
        bytes32[] leaves;
        uint256 paid;
        uint256 points;
        uint256 cash;
        uint256 lapsed;
        uint256 today;
    }

    /// @dev What the checks of one order find out and its payment needs.
    struct Findings {
        uint256 cash;
        uint256 account;
        uint256 drawn;
        uint256 lapsed;
        uint256 takings;
    }

    // -------------------------------------------------------------------------- record 1 and 3

    /// @inheritdoc IPointsLedger
    function recordOrders(address terminal, bytes32[] calldata orderIds) external {
        _requireKeyOf(terminal);
        emit OrdersRecorded(terminal, orderIds);
    }

    /// @inheritdoc IPointsLedger
    function finalize(address terminal, uint64 firstSequence, uint256 orders) external {
        _requireKeyOf(terminal);
        mapping(uint256 word => uint256) storage marks = _marks[terminal];
        uint256 sequence = firstSequence; // wider, since it ends one past the last
        for (uint256 rest = orders; rest != 0; rest >>= 1) {
            if (rest & 1 != 0) {
                Mark mark = marks.get(sequence);
                if (mark != Mark.Paid) revert NotPaid(terminal, uint64(sequence), mark);
                marks.raise(sequence, Mark.Finalized);
            }
            ++sequence;
        }
        emit OrdersFinalized(terminal, firstSequence, orders);
    }

    /// @inheritdoc IPointsLedger
    function markOf(address terminal, uint64 sequence) external view returns (Mark) {
        return _marks[terminal].get(sequence);
    }

    /// @inheritdoc IPointsLedger
    function orderId(PaymentOrder calldata order) external pure returns (bytes32) {
        return OrderHash.idOf(order);
    }

    // ------------------------------------------------------------------------------- record 2

    /// @inheritdoc IPointsLedger
    function settle(SignedOrder[] calldata orders) external onlyRole(SETTLER_ROLE) whenNotPaused {
        Batch memory batch;
        batch.leaves = new bytes32[](orders.length);
        batch.today = _today();
        for (uint256 i; i < orders.length; ++i) {
            _settleOne(orders[i], batch);
        }
        if (batch.paid != 0) _close(batch);
    }

    function _settleOne(SignedOrder calldata signed, Batch memory batch) private {
        PaymentOrder memory order = signed.order;
        bytes32 id = OrderHash.idOf(order);

        Reason reason = _answerable(order, signed.signature, id);
        if (reason != Reason.None) {
            emit OrderSkipped(id, order.terminal, reason);
            return;
        }
        Findings memory found;
        reason = _judge(order, batch.today, found);
        if (reason != Reason.None) {
            _marks[order.terminal].raise(order.sequence, Mark.Rejected);
            emit OrderRejected(id, order.account, order.terminal, order.sequence, reason);
            return;
        }
        _pay(order, id, found, batch);
    }

    /// @dev Whether anybody answers for the order at all.
    function _answerable(PaymentOrder memory order, bytes calldata signature, bytes32 id)
        private
        view
        returns (Reason)
    {
        TillSlot storage slot = _tills[order.terminal];
        if (order.lines.length == 0 || order.lines.length > MAX_LINES) return Reason.BadRow;
        if (!slot.enabled) return Reason.UnknownTerminal;
        if (!TerminalSignature.isValid(slot.key, _hashTypedDataV4(id), signature)) return Reason.BadSignature;
        if (_marks[order.terminal].get(order.sequence) != Mark.Unused) return Reason.Replayed;
        return Reason.None;
    }

    /// @dev The checks in their published order; each looks at all lines before the next one.
    function _judge(PaymentOrder memory order, uint256 today, Findings memory found)
        private
        view
        returns (Reason)
    {
        TillSlot storage slot = _tills[order.terminal];
        if (order.deadline < block.timestamp) return Reason.Expired;
        if (!_live(order.rules)) return Reason.RulesVersion;
        RulesSlot storage rule = _rules[order.rules];

        (Reason reason, uint256 lineCash) = _judgeLines(order.lines, _caps[slot.catalogue]);
        if (reason != Reason.None) return reason;
        if (order.points < rule.minimumPoints) return Reason.PointsMinimum;
        if (order.points % rule.increment != 0) return Reason.PointsIncrement;
        found.cash = ExchangeRate.cashFor(order.points, rule.points, rule.minorUnits);
        if (lineCash != found.cash) return Reason.CashMismatch;
        if (found.cash > rule.maxOrder) return Reason.OrderCap;

        (found.account, found.lapsed) = _accounts[order.account].touch(today, lotDays);
        if (found.account.spent() + found.cash > rule.maxAccountDay) return Reason.AccountDayCap;
        found.takings = _takingsOn(slot, today) + found.cash;
        if (found.takings > rule.maxTerminalDay) return Reason.TerminalDayCap;
        if (found.account.frozen()) return Reason.Frozen;

        uint256 missing;
        (found.account, found.drawn, missing) = found.account.draw(order.points);
        return missing == 0 ? Reason.None : Reason.InsufficientPoints;
    }

    function _judgeLines(OrderLine[] memory lines, uint40[] storage caps)
        private
        view
        returns (Reason, uint256 cash)
    {
        uint256 items = caps.length;
        for (uint256 i; i < lines.length; ++i) {
            if (lines[i].item == 0 || lines[i].item > items) return (Reason.UnknownItem, 0);
        }
        for (uint256 i; i < lines.length; ++i) {
            OrderLine memory line = lines[i];
            uint256 unit = caps[line.item - 1];
            if (line.price < unit) unit = line.price;
            if (line.cash > line.quantity * unit) return (Reason.ItemCap, 0);
            cash += line.cash;
        }
        return (Reason.None, cash);
    }

    /// @dev Version 0 is none, though before the first rules are published it is the current one.
    function _live(uint32 version) private view returns (bool) {
        return version != 0 && (version == currentRules || block.timestamp <= _terms[version].liveUntil);
    }

    function _pay(PaymentOrder memory order, bytes32 id, Findings memory found, Batch memory batch) private {
        _accounts[order.account] = found.account.spend(found.cash);
        _tills[order.terminal].today = uint56(batch.today << 40 | found.takings);
        _marks[order.terminal].raise(order.sequence, Mark.Paid);
        if (found.lapsed != 0) {
            batch.lapsed += found.lapsed;
            emit PointsLapsed(order.account, found.lapsed);
        }
        emit OrderPaid(
            id,
            order.account,
            order.terminal,
            order.sequence,
            order.rules,
            order.points,
            uint40(found.cash),
            uint192(found.drawn)
        );
        batch.leaves[batch.paid++] = keccak256(
            abi.encode(
                id,
                order.account,
                order.terminal,
                order.sequence,
                order.rules,
                order.points,
                found.cash,
                found.drawn,
                batch.today / lotDays - (Lots.COUNT - 1)
            )
        );
        batch.points += order.points;
        batch.cash += found.cash;
    }

    function _close(Batch memory batch) private {
        bytes32 root = MerkleTree.rootOf(batch.leaves, batch.paid);
        settledAt[root] = uint40(block.timestamp);
        _totals.redeemed += uint48(batch.points);
        _totals.lapsed += uint48(batch.lapsed);
        emit BatchSettled(root, batch.paid, batch.points, batch.cash);
    }

    function _requireKeyOf(address terminal) private view {
        if (_tills[terminal].key != msg.sender) revert NotTheTerminal(terminal, msg.sender);
    }
}
