// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {IPointsLedger} from "../../interfaces/IPointsLedger.sol";
import {IPointsOffers} from "../../interfaces/IPointsOffers.sol";
import {ExchangeRate} from "./ExchangeRate.sol";
import {Lines} from "./Lines.sol";

/// @title What points can pay for, before anybody orders
/// @dev Apart from the ledger, whose code is as large as a contract may be (EIP-170): it reads what
/// everybody can read, keeps nothing, and serves any number of ledgers.
contract PointsOffers is IPointsOffers {
    using Lines for OrderLine;

    uint256 private constant PAGE_MAX = 1000;
    uint256 private constant MAX_LINES = 32; // of an order, as the ledger has it

    /// @dev What is the same for every item.
    struct Terms {
        Rules rule;
        uint256 smallest; // points of the smallest order
        uint256 accountLeft;
        uint256 terminalLeft;
        uint256 points;
        bool frozen;
    }

    /// @inheritdoc IPointsOffers
    function offers(IPointsLedger ledger, bytes32 account, address terminal, uint32 firstItem, uint256 count)
        external
        view
        returns (Offer[] memory page)
    {
        Till memory till = _till(ledger, terminal);
        uint40[] memory caps = ledger.itemCaps(till.catalogue, firstItem, _lesser(count, PAGE_MAX));
        Terms memory terms = _terms(ledger, ledger.currentRules(), account, till);
        page = new Offer[](caps.length);
        for (uint256 i; i < caps.length; ++i) {
            (uint256 points, Reason reason) = _best(caps[i], type(uint256).max, terms);
            page[i] = Offer(uint32(firstItem + i), uint32(points), uint40(_cash(points, terms)), reason);
        }
    }

    /// @inheritdoc IPointsOffers
    function quote(
        IPointsLedger ledger,
        bytes32 account,
        address terminal,
        OrderLine[] calldata basket,
        uint256 wish
    ) external view returns (Quote memory quoted) {
        Till memory till = _till(ledger, terminal);
        uint256[] memory limits;
        (quoted, limits) = _basket(ledger, till.catalogue, basket);
        if (quoted.reason != Reason.None) return quoted;
        Terms memory terms = _terms(ledger, quoted.rules, account, till);
        uint256 points;
        (points, quoted.reason) = _best(_sum(limits), wish, terms);
        _fill(quoted, limits, points, _cash(points, terms));
    }

    /// @inheritdoc IPointsOffers
    function quotePoints(
        IPointsLedger ledger,
        bytes32 account,
        address terminal,
        OrderLine[] calldata basket,
        uint32 points
    ) external view returns (Quote memory quoted) {
        Till memory till = _till(ledger, terminal);
        uint256[] memory limits;
        (quoted, limits) = _basket(ledger, till.catalogue, basket);
        if (quoted.reason != Reason.None) return quoted;
        Terms memory terms = _terms(ledger, quoted.rules, account, till);
        uint256 cash = _cash(points, terms);
        quoted.reason = _verdict(points, cash, _sum(limits), terms);
        _fill(quoted, limits, points, cash);
    }

    // ------------------------------------------------------------------------------ what is read

    function _till(IPointsLedger ledger, address terminal) private view returns (Till memory till) {
        if (Pausable(address(ledger)).paused()) revert Pausable.EnforcedPause();
        till = ledger.till(terminal);
        if (!till.enabled) revert IPointsLedger.TerminalUnknown(terminal);
    }

    function _terms(IPointsLedger ledger, uint32 version, bytes32 account, Till memory till)
        private
        view
        returns (Terms memory terms)
    {
        (terms.rule,) = ledger.rules(version);
        terms.smallest = ExchangeRate.roundUp(terms.rule.minimumPoints, terms.rule.increment);
        Holding memory held = ledger.holding(account);
        terms.accountLeft = _less(terms.rule.maxAccountDay, held.spentToday);
        terms.terminalLeft = _less(terms.rule.maxTerminalDay, till.takingsToday);
        terms.frozen = held.frozen;
        for (uint256 lot; lot < held.lots.length; ++lot) {
            terms.points += held.lots[lot];
        }
        terms.points = _lesser(terms.points, type(uint32).max); // more than that no order takes
    }

    /// @dev Most cash of each line, and why a line can't be paid with points; an item that isn't listed
    /// stands for the whole basket, since the ledger rejects the order for it.
    function _basket(IPointsLedger ledger, uint32 catalogue, OrderLine[] calldata basket)
        private
        view
        returns (Quote memory quoted, uint256[] memory limits)
    {
        quoted.rules = ledger.currentRules();
        if (basket.length == 0 || basket.length > MAX_LINES) {
            quoted.reason = Reason.BadRow;
            return (quoted, limits);
        }
        limits = new uint256[](basket.length);
        quoted.lines = new LineQuote[](basket.length);
        for (uint256 i; i < basket.length; ++i) {
            OrderLine line = basket[i];
            uint32 item = uint32(line.item());
            uint40[] memory caps = ledger.itemCaps(catalogue, item, 1);
            Reason reason = Reason.UnknownItem;
            if (caps.length != 0) {
                limits[i] = line.quantity() * _lesser(line.price(), caps[0]);
                reason = limits[i] == 0 ? Reason.ItemCap : Reason.None;
            } else {
                quoted.reason = Reason.UnknownItem;
            }
            quoted.lines[i] = LineQuote(item, 0, reason);
        }
    }

    // ------------------------------------------------------------------------ what comes of it

    /// @dev Each limit in the order of the checks; the first under which even the smallest order is too
    /// large is the reason.
    function _best(uint256 cap, uint256 wish, Terms memory terms)
        private
        pure
        returns (uint256 points, Reason reason)
    {
        uint256 least = _cash(terms.smallest, terms);
        if (cap < least) return (0, Reason.ItemCap);
        if (wish < least) return (0, Reason.PointsMinimum);
        if (terms.rule.maxOrder < least) return (0, Reason.OrderCap);
        if (terms.accountLeft < least) return (0, Reason.AccountDayCap);
        if (terms.terminalLeft < least) return (0, Reason.TerminalDayCap);
        if (terms.frozen) return (0, Reason.Frozen);
        if (terms.points < terms.smallest) return (0, Reason.InsufficientPoints);
        cap = _lesser(_lesser(cap, wish), terms.rule.maxOrder);
        cap = _lesser(cap, _lesser(terms.accountLeft, terms.terminalLeft));
        cap = _lesser(cap, _cash(terms.points - terms.points % terms.rule.increment, terms));
        points = ExchangeRate.pointsFor(cap, terms.rule.points, terms.rule.minorUnits, terms.rule.increment);
        if (points < terms.smallest) points = terms.smallest; // which pays no more
    }

    /// @dev The ledger's own checks, in their order.
    function _verdict(uint256 points, uint256 cash, uint256 cap, Terms memory terms)
        private
        pure
        returns (Reason)
    {
        if (cash > cap) return Reason.ItemCap;
        if (points < terms.rule.minimumPoints) return Reason.PointsMinimum;
        if (points % terms.rule.increment != 0) return Reason.PointsIncrement;
        if (cash > terms.rule.maxOrder) return Reason.OrderCap;
        if (cash > terms.accountLeft) return Reason.AccountDayCap;
        if (cash > terms.terminalLeft) return Reason.TerminalDayCap;
        if (terms.frozen) return Reason.Frozen;
        if (points > terms.points) return Reason.InsufficientPoints;
        return Reason.None;
    }

    /// @dev Each line takes as much as it can, in order; what is left over goes on the last one, where
    /// the ledger finds it.
    function _fill(Quote memory quoted, uint256[] memory limits, uint256 points, uint256 cash) private pure {
        (quoted.points, quoted.cash) = (uint32(points), uint40(cash));
        uint256 last = limits.length - 1;
        for (uint256 i; i <= last; ++i) {
            uint256 share = i == last ? cash : _lesser(cash, limits[i]);
            if (share > limits[i]) quoted.lines[i].reason = Reason.ItemCap;
            quoted.lines[i].cash = uint40(share);
            cash -= share;
        }
    }

    function _cash(uint256 points, Terms memory terms) private pure returns (uint256) {
        return ExchangeRate.cashFor(points, terms.rule.points, terms.rule.minorUnits);
    }

    function _sum(uint256[] memory limits) private pure returns (uint256 sum) {
        for (uint256 i; i < limits.length; ++i) {
            sum += limits[i];
        }
    }

    function _lesser(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }

    function _less(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a - b : 0;
    }
}
