// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title The values that a points ledger takes and gives
/// @dev Cash is in minor units of the ledger's one currency (ISO 4217); points are whole numbers;
/// days are counted from 1970-01-01, UTC.
interface IPointsTypes {
    /// @notice Why an order isn't paid, in the order in which it is checked. The first four are no
    /// verdict (nobody answers for such an order, and nothing is used up); the others are final.
    enum Reason {
        None,
        BadRow,
        UnknownTerminal,
        BadSignature,
        Replayed,
        Expired,
        RulesVersion,
        UnknownItem,
        ItemCap,
        PointsMinimum,
        PointsIncrement,
        CashMismatch,
        OrderCap,
        AccountDayCap,
        TerminalDayCap,
        Frozen,
        InsufficientPoints
    }

    /// @notice What became of one sequence number of a terminal.
    enum Mark {
        Unused,
        Rejected,
        Paid,
        Finalized
    }

    /// @notice What the bank promises, under one version number, for ever.
    /// @param points So many points ...
    /// @param minorUnits ... are worth so many minor units.
    /// @param minimumPoints The smallest order.
    /// @param increment An order's points are a multiple of this.
    /// @param maxOrder Most cash that one order pays.
    /// @param maxAccountDay Most cash that one account pays in a UTC day.
    /// @param maxTerminalDay Most cash that one terminal takes in a UTC day.
    /// @param sunsetSeconds How long orders may still name the version before this one.
    /// @param refundDays How many days after settling an order can be refunded.
    /// @param graceDays Points restored after their lot lapsed join the soonest lot that lives so
    /// many days more; `type(uint16).max`: they lapse.
    struct Rules {
        uint32 points;
        uint32 minorUnits;
        uint32 minimumPoints;
        uint32 increment;
        uint40 maxOrder;
        uint40 maxAccountDay;
        uint40 maxTerminalDay;
        uint32 sunsetSeconds;
        uint16 refundDays;
        uint16 graceDays;
    }

    /// @notice One line of an order: EIP-712 `OrderLine`.
    /// @param item Number in the terminal's catalogue, from 1; 0 is "unknown".
    /// @param price What the shop charges for one.
    /// @param cash The part of the line that is paid with points.
    struct OrderLine {
        uint32 item;
        uint16 quantity;
        uint40 price;
        uint40 cash;
    }

    /// @notice What a terminal signs: EIP-712 `PaymentOrder`. Its struct hash is the order id.
    /// @param sequence The terminal's own number for this order, used once.
    /// @param rules The rules version that it was quoted under.
    /// @param deadline Last second at which it may be settled.
    struct PaymentOrder {
        bytes32 account;
        address terminal;
        uint64 sequence;
        uint32 rules;
        uint32 points;
        uint40 deadline;
        OrderLine[] lines;
    }

    /// @param signature 65 bytes (r, s, v) or 64 (EIP-2098) of the terminal's key, or whatever a
    /// terminal that is a contract (ERC-1271) accepts.
    struct SignedOrder {
        PaymentOrder order;
        bytes signature;
    }

    /// @notice What a paid order took: the leaf of its batch's Merkle tree.
    /// @param drawn Points taken per lot, soonest to expire first, six uint32 packed low to high.
    /// @param firstPeriod The earning period of the first of these lots.
    struct Receipt {
        bytes32 orderId;
        bytes32 account;
        address terminal;
        uint64 sequence;
        uint32 rules;
        uint32 points;
        uint40 cash;
        uint192 drawn;
        uint16 firstPeriod;
    }

    /// @notice One credit of points.
    /// @param earnedOn Day on which they were earned: it decides in which lot they live.
    /// @param creditReference The bank's own id for the credit, hashed with the bank's key.
    struct Credit {
        bytes32 account;
        uint32 points;
        uint16 earnedOn;
        bytes32 creditReference;
    }

    /// @notice An account as it is now, lots that are due to lapse left out.
    /// @param lots Points per lot, soonest to expire first; lot i was earned in `firstPeriod` + i.
    struct Holding {
        uint32[6] lots;
        uint16 firstPeriod;
        uint40 spentToday;
        bool frozen;
    }

    /// @notice A payment terminal.
    /// @param key Who signs for it: an account, or a contract that speaks ERC-1271.
    /// @param takingsToday Cash taken with points in the present UTC day.
    struct Till {
        address key;
        uint32 catalogue;
        bool enabled;
        uint40 takingsToday;
    }

    /// @notice What points can pay for one item: `reason` is None, or why nothing.
    struct Offer {
        uint32 item;
        uint32 points;
        uint40 cash;
        Reason reason;
    }

    /// @notice issued = held + redeemed - restored + lapsed + clawedBack, where held is the sum over
    /// all accounts, lots that are due to lapse but weren't touched yet included.
    struct Totals {
        uint48 issued;
        uint48 redeemed;
        uint48 restored;
        uint48 lapsed;
        uint48 clawedBack;
    }
}
