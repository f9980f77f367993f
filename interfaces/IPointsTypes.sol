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

    /// @notice Whose order it is, which, and by what rules. Bits, high to low: terminal (160); sequence
    /// (64), the terminal's own number for this order, used once; rules (32), the version that it was
    /// quoted under.
    type OrderHead is uint256;

    /// @notice How much, and until when. Bits, high to low: points (32); deadline (40), the last second
    /// at which it may be settled. Those above aren't read.
    type OrderTerms is uint256;

    /// @notice One line of an order: EIP-712 `OrderLine`. Bits, high to low: item (32), its number in
    /// the terminal's catalogue, from 1, where 0 is "unknown"; quantity (16); price (40), what the shop
    /// charges for one; cash (40), the part of the line that is paid with points.
    type OrderLine is uint128;

    /// @notice What a terminal signs: EIP-712 `PaymentOrder`, whose struct hash is the order id, has
    /// these fields apart. Here the small ones share words, which saves 1,000 gas an order.
    struct PaymentOrder {
        bytes32 account;
        OrderHead head;
        OrderTerms terms;
        OrderLine[] lines;
    }

    /// @notice A `PaymentOrder` and its signature.
    /// @param signature 65 bytes (r, s, v) or 64 (EIP-2098) of the terminal's key, or whatever a
    /// terminal that is a contract (ERC-1271) accepts.
    struct SignedOrder {
        bytes32 account;
        OrderHead head;
        OrderTerms terms;
        OrderLine[] lines;
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

    /// @notice Points of one credit to take back.
    /// @param clawReference The bank's own id for this, hashed with the bank's key.
    /// @param before Points of the credit that were to be taken back before, those in vain included:
    /// any other number reverts, so that what was sent twice takes once.
    struct ClawBack {
        bytes32 clawReference;
        uint32 points;
        uint32 before;
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

    /// @notice What points can pay of a basket under one version of the rules: `reason` is None, or why
    /// nothing.
    struct Quote {
        uint32 rules;
        uint32 points;
        uint40 cash;
        Reason reason;
        LineQuote[] lines;
    }

    /// @notice The cash of one line that points pay; `reason` is None, or why they can't pay any.
    struct LineQuote {
        uint32 item;
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
