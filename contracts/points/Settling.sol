// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EfficientHashLib} from "solady/utils/EfficientHashLib.sol";
import {IPointsLedger} from "../../interfaces/IPointsLedger.sol";
import {ExchangeRate} from "./ExchangeRate.sol";
import {ItemCaps} from "./ItemCaps.sol";
import {Lines} from "./Lines.sol";
import {Lots} from "./Lots.sol";
import {MerkleTree} from "./MerkleTree.sol";
import {PackedRules} from "./PackedRules.sol";
import {Slips} from "./Slips.sol";
import {TerminalSignature} from "./TerminalSignature.sol";
import {TillInHand} from "./TillInHand.sol";
import {TillRoll} from "./TillRoll.sol";

/// @title Record 2 of a payment: the bank's answer
abstract contract Settling is TillInHand {
    using EfficientHashLib for bytes32[];
    using ItemCaps for uint256;
    using Lines for OrderLine;
    using Lots for uint256;
    using PackedRules for uint256;
    using Slips for Slips.Slip;
    using TillRoll for uint256;

    uint256 public constant MAX_LINES = 32;

    /// @dev What a batch has come to so far, and what is the same for all its orders, or for many.
    struct Batch {
        bytes32[] leaves;
        uint256 paid;
        uint256 points;
        uint256 cash;
        bytes32 domain;
        uint256 version;
        uint256 rules;
        uint256 capsKey;
        uint256 caps;
        uint256 currentRules;
    }

    /// @inheritdoc IPointsLedger
    function settle(SignedOrder[] calldata orders) external onlyRole(SETTLER_ROLE) {
        if (paused()) revert EnforcedPause();
        Batch memory batch;
        batch.currentRules = currentRules;
        batch.leaves = EfficientHashLib.malloc(orders.length);
        batch.domain = _domainSeparatorV4();
        Hand memory till;
        Slips.Slip memory slip;
        slip.firstPeriod = _firstPeriod();
        for (uint256 i; i < orders.length; ++i) {
            _settleOne(orders[i], batch, slip, till);
        }
        if (till.changed) _putBack(till);
        if (batch.paid != 0) _close(batch);
    }

    function _settleOne(
        SignedOrder calldata signed,
        Batch memory batch,
        Slips.Slip memory slip,
        Hand memory till
    ) private {
        OrderLine[] calldata lines = signed.lines;
        bytes32 id = slip.read(signed.account, signed.head, signed.terms, lines);
        uint256 strip = TillRoll.key(slip.terminal, slip.sequence / TillRoll.LENGTH);
        if (strip != till.at) _take(till, strip);
        Reason reason = _payUnlessWrong(id, signed, lines, batch, slip, till);
        if (reason != Reason.None) _refuse(id, slip, till, reason);
    }

    function _refuse(bytes32 id, Slips.Slip memory slip, Hand memory till, Reason reason) private {
        if (reason <= Reason.Replayed) {
            emit OrderSkipped(id, address(uint160(slip.terminal)), reason);
        } else {
            till.changed = true;
            till.strip = till.strip.rejectAt(slip.sequence % TillRoll.LENGTH);
            emit OrderRejected(id, slip.account, address(uint160(slip.terminal)), uint64(slip.sequence), reason);
        }
    }

    /// @dev The checks in their published order, each over all lines before the next one; then the
    /// payment.
    // Zero means "no such rules": nothing here compares a balance.
    // slither-disable-next-line incorrect-equality
    function _payUnlessWrong(
        bytes32 id,
        SignedOrder calldata signed,
        OrderLine[] calldata lines,
        Batch memory batch,
        Slips.Slip memory slip,
        Hand memory till
    ) private returns (Reason) {
        if (lines.length == 0) return Reason.BadRow;
        if (lines.length > MAX_LINES) return Reason.BadRow;
        if (!till.enabled) return Reason.UnknownTerminal;
        if (!TerminalSignature.isValid(till.key, batch.domain, id, signed.signature)) return Reason.BadSignature;
        if (till.strip.usedAt(slip.sequence % TillRoll.LENGTH)) return Reason.Replayed;

        if (slip.deadline < block.timestamp) return Reason.Expired;
        uint256 rules = _rulesOf(slip.rules, batch);
        if (rules == 0) return Reason.RulesVersion;
        (bool unknown, bool overCap, uint256 lineCash) = _judgeLines(lines, till.catalogue, batch);
        if (unknown) return Reason.UnknownItem;
        if (overCap) return Reason.ItemCap;
        uint256 points = slip.points;
        if (points < rules.minimumPoints()) return Reason.PointsMinimum;
        if (points % rules.increment() != 0) return Reason.PointsIncrement;
        uint256 cash = ExchangeRate.cashFor(points, rules.points(), rules.minorUnits());
        if (lineCash != cash) return Reason.CashMismatch;
        if (cash > rules.maxOrder()) return Reason.OrderCap;

        Account storage stored = _accounts[slip.account];
        (uint256 account, uint256 lapsed) = stored.packed.touch(_today(), lotDays);
        if (account.spentWith(cash) > rules.maxAccountDay()) return Reason.AccountDayCap;
        if (till.takings + cash > rules.maxTerminalDay()) return Reason.TerminalDayCap;
        if (account.frozen()) return Reason.Frozen;
        (uint256 left, uint256 drawn, uint256 missing) = account.draw(points);
        if (missing != 0) return Reason.InsufficientPoints;

        stored.packed = left.spend(cash);
        if (lapsed != 0) _lapse(slip.account, lapsed);
        _pay(id, slip, batch, till, cash, drawn);
        return Reason.None;
    }

    /// @dev Rules are read once for all orders in a row that name them; 0 if they aren't live. Version
    /// 0 is none, though before the first rules are published it is the current one.
    // Version numbers are compared, and no balance.
    // slither-disable-next-line incorrect-equality
    function _rulesOf(uint256 version, Batch memory batch) private view returns (uint256 rules) {
        if (version != batch.version) {
            bool live = version == batch.currentRules || block.timestamp <= _terms[version].liveUntil;
            batch.version = version;
            batch.rules = live ? _rules[version] : 0;
        }
        rules = batch.rules;
    }

    /// @dev Caps are read once for all lines in a row that find theirs in the same slot; under key 0
    /// there are none.
    /// @return unknown Whether any item is; if not, the others count.
    /// @return overCap Whether any line's cash is over its cap or its price.
    /// @return cash Of all lines.
    function _judgeLines(OrderLine[] calldata lines, uint256 catalogue, Batch memory batch)
        private
        view
        returns (bool unknown, bool overCap, uint256 cash)
    {
        for (uint256 i; i < lines.length; ++i) {
            OrderLine line = Lines.at(lines, i);
            uint256 key = ItemCaps.key(catalogue, line.item());
            if (key != batch.capsKey) (batch.capsKey, batch.caps) = (key, _caps[key]);
            uint256 entry = batch.caps.entryOf(line.item());
            unknown = entry == 0;
            if (unknown) break;
            // 16 bits times 40, and the sum of 32 times 40.
            unchecked {
                uint256 unit = entry - 1;
                if (line.price() < unit) unit = line.price();
                if (line.cash() > line.quantity() * unit) overCap = true;
                cash += line.cash();
            }
        }
    }

    function _pay(
        bytes32 id,
        Slips.Slip memory slip,
        Batch memory batch,
        Hand memory till,
        uint256 cash,
        uint256 drawn
    ) private {
        batch.leaves.set(batch.paid, slip.pay(id, cash, drawn));
        till.changed = true;
        till.strip = till.strip.payAt(slip.sequence % TillRoll.LENGTH);
        // A batch has less than 2^32 orders of less than 2^40 each.
        unchecked {
            till.takings += cash;
            ++batch.paid;
            batch.points += slip.points;
            batch.cash += cash;
        }
    }

    function _close(Batch memory batch) private {
        bytes32 root = MerkleTree.rootOf(batch.leaves, batch.paid);
        settledAt[root] = uint40(block.timestamp);
        _redeemed += uint48(batch.points);
        emit BatchSettled(root, batch.paid, batch.points, batch.cash);
    }
}
