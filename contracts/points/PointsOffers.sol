// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPointsLedger} from "../../interfaces/IPointsLedger.sol";
import {IPointsOffers} from "../../interfaces/IPointsOffers.sol";
import {ExchangeRate} from "./ExchangeRate.sol";

/// @title What points can pay for, before anybody orders
/// @dev Apart from the ledger, whose code is as large as a contract may be (EIP-170): it reads what
/// everybody can read, keeps nothing, and serves any number of ledgers.
contract PointsOffers is IPointsOffers {
    uint256 private constant PAGE_MAX = 1000;

    /// @dev What is the same for every item.
    struct Customer {
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
        Till memory till = ledger.till(terminal);
        if (!till.enabled) revert IPointsLedger.TerminalUnknown(terminal);
        uint40[] memory caps = ledger.itemCaps(till.catalogue, firstItem, count < PAGE_MAX ? count : PAGE_MAX);
        (Rules memory rule,) = ledger.rules(ledger.currentRules());
        Customer memory customer = _customer(ledger.holding(account), till, rule);
        page = new Offer[](caps.length);
        for (uint256 i; i < caps.length; ++i) {
            page[i] = _offer(uint32(firstItem + i), caps[i], rule, customer);
        }
    }

    function _customer(Holding memory held, Till memory till, Rules memory rule)
        private
        pure
        returns (Customer memory customer)
    {
        customer.accountLeft = _less(rule.maxAccountDay, held.spentToday);
        customer.terminalLeft = _less(rule.maxTerminalDay, till.takingsToday);
        customer.frozen = held.frozen;
        for (uint256 lot; lot < held.lots.length; ++lot) {
            customer.points += held.lots[lot];
        }
        customer.points = _lesser(customer.points, type(uint32).max); // more than that no order takes
    }

    /// @dev Each limit in the order of the checks; the first under which even the smallest order is
    /// too large is the reason.
    function _offer(uint32 item, uint256 cap, Rules memory rule, Customer memory customer)
        private
        pure
        returns (Offer memory)
    {
        if (cap == 0) return Offer(item, 0, 0, Reason.ItemCap);
        if (_fits(cap, rule) == 0) return Offer(item, 0, 0, Reason.PointsMinimum);
        cap = _lesser(cap, rule.maxOrder);
        if (_fits(cap, rule) == 0) return Offer(item, 0, 0, Reason.OrderCap);
        cap = _lesser(cap, customer.accountLeft);
        if (_fits(cap, rule) == 0) return Offer(item, 0, 0, Reason.AccountDayCap);
        cap = _lesser(cap, customer.terminalLeft);
        if (_fits(cap, rule) == 0) return Offer(item, 0, 0, Reason.TerminalDayCap);
        if (customer.frozen) return Offer(item, 0, 0, Reason.Frozen);
        uint256 held = customer.points - customer.points % rule.increment;
        uint256 points = _fits(_lesser(cap, ExchangeRate.cashFor(held, rule.points, rule.minorUnits)), rule);
        if (points == 0 || points > held) return Offer(item, 0, 0, Reason.InsufficientPoints);
        uint256 cash = ExchangeRate.cashFor(points, rule.points, rule.minorUnits);
        return Offer(item, uint32(points), uint40(cash), Reason.None);
    }

    /// @dev The points of the order that pays most of `cash`; 0 if the smallest order pays more.
    function _fits(uint256 cash, Rules memory rule) private pure returns (uint256 points) {
        uint256 smallest = ExchangeRate.roundUp(rule.minimumPoints, rule.increment);
        if (ExchangeRate.cashFor(smallest, rule.points, rule.minorUnits) > cash) return 0;
        points = ExchangeRate.pointsFor(cash, rule.points, rule.minorUnits, rule.increment);
        if (points < smallest) points = smallest;
    }

    function _lesser(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }

    function _less(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a - b : 0;
    }
}
