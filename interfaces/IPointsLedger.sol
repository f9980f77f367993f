// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPointsTypes} from "./IPointsTypes.sol";

/// @title One bank's points, payable as cash at its terminals
/// @notice A payment leaves three records, each by the party that is answerable for it: the
/// terminal's order (`recordOrders`), the bank's result (`settle`) and the terminal's final result
/// (`finalize`, or `cancel`). Nobody can spend points without an order that a terminal signed, put
/// more into an account than credits and refunds of what it paid, each with an event, or change the
/// rules an order was made under. `clawBack` takes no more than what it shows was credited.
interface IPointsLedger is IPointsTypes {
    // ----------------------------------------------------------------------------------- events

    /// @notice New rules. Orders may name the version before until `previousLiveUntil`.
    event RulesPublished(uint32 indexed version, Rules rules, uint40 previousLiveUntil);

    /// @notice Items joined a catalogue, numbered on from `firstItem`. Their caps never change.
    event ItemsListed(uint32 indexed catalogue, uint32 firstItem, uint40[] caps, string[] names);

    event TerminalRegistered(address indexed terminal, uint32 catalogue);
    event TerminalCatalogueAssigned(address indexed terminal, uint32 catalogue);

    /// @notice The terminal's history stays; new orders of the old key are refused.
    event TerminalKeyRotated(address indexed terminal, address oldKey, address newKey);
    event TerminalEnabled(address indexed terminal, bool enabled);

    event PointsIssued(
        bytes32 indexed account, bytes32 indexed creditReference, uint64 indexed batch, uint32 points, uint16 earnedOn
    );

    /// @notice Lots whose time was over when the account was touched, or swept.
    event PointsLapsed(bytes32 indexed account, uint256 points);

    /// @notice A credit, or part of it, was taken back, `shortfall` points of that in vain: they were
    /// spent already, or their lot has lapsed.
    event PointsClawedBack(
        bytes32 indexed account,
        bytes32 indexed creditReference,
        bytes32 indexed clawReference,
        uint32 points,
        uint32 shortfall
    );
    event AccountFrozen(bytes32 indexed account, bool frozen);

    /// @notice The terminal's word that it placed these orders. Record 1 of 3.
    event OrdersRecorded(address indexed terminal, bytes32[] orderIds);

    /// @notice The bank's answer to one order: paid. Record 2 of 3.
    /// @param drawn Points taken per lot, soonest to expire first, six uint32 packed low to high.
    event OrderPaid(
        bytes32 indexed orderId,
        bytes32 indexed account,
        address indexed terminal,
        uint64 sequence,
        uint32 rules,
        uint32 points,
        uint40 cash,
        uint192 drawn
    );

    /// @notice The bank's answer to one order: not paid, and never to be. Record 2 of 3.
    event OrderRejected(
        bytes32 indexed orderId, bytes32 indexed account, address indexed terminal, uint64 sequence, Reason reason
    );

    /// @notice No answer: nobody answers for such an order. Nothing was used up.
    event OrderSkipped(bytes32 indexed orderId, address indexed terminal, Reason reason);

    /// @notice One batch's paid orders, under one Merkle root.
    event BatchSettled(bytes32 indexed root, uint256 orders, uint256 points, uint256 cash);

    /// @notice The terminal's final result: completed. Record 3 of 3.
    /// @param orders Bit i stands for sequence `firstSequence` + i.
    event OrdersFinalized(address indexed terminal, uint64 firstSequence, uint256 orders);

    /// @notice The final result: cancelled, everything given back. Record 3 of 3.
    event OrderCancelled(bytes32 indexed orderId, address indexed terminal, uint64 sequence);

    /// @notice Cash of an order given back, as points into the lots that they came from.
    event OrderRefunded(
        bytes32 indexed orderId, bytes32 indexed account, address indexed terminal, uint40 cash, uint32 points
    );

    // ----------------------------------------------------------------------------------- errors

    /// @notice A field of the rules is zero, too large or contradicts another.
    error InvalidRules(string field);
    error InvalidLotDays(uint256 lotDays);
    error UnknownRules(uint32 version);
    error UnknownCatalogue(uint32 catalogue);
    error CapsAndNamesDiffer(uint256 caps, uint256 names);
    error TerminalExists(address terminal);
    error TerminalUnknown(address terminal);
    error InvalidKey(address key);
    error NotTheTerminal(address terminal, address caller);
    error CreditBatchUsed(uint64 batch);
    error CreditUnknown(uint64 batch, bytes32 creditReference);

    /// @notice Of this credit `taken` points were to be taken back already, not `before`.
    error ClawBackOutOfTurn(bytes32 creditReference, uint256 before, uint256 taken);
    error ClawBackExceedsCredit(bytes32 creditReference, uint256 asked, uint256 left);

    /// @notice A call that names nothing to do, or to tell of.
    error EmptyBatch();
    error ZeroPoints(bytes32 creditReference);
    error EarnedInFuture(bytes32 creditReference, uint16 earnedOn);
    error LotLapsed(bytes32 creditReference, uint16 earnedOn);

    /// @dev A lot holds up to 2^32-1 points.
    error LotFull(bytes32 creditReference, uint256 points);

    /// @notice Too little gas for a terminal that is a contract: the batch must not judge it.
    error TooLittleGas(uint256 left, uint256 needed);
    error NotPaid(address terminal, uint64 sequence, Mark mark);
    error ReceiptUnknown(bytes32 orderId);
    error RefundTooLate(bytes32 orderId, uint256 until);

    /// @dev `asked` and `left` are minor units.
    error RefundExceedsOrder(bytes32 orderId, uint256 asked, uint256 left);
    error NotTerminalNorBank(address terminal, address caller);

    // -------------------------------------------------------------------------- rules and tills

    /// @notice Publish the next version of the rules; the first is 1.
    function publishRules(Rules calldata next) external returns (uint32 version);

    /// @notice A version of the rules, and the last second at which orders may name it.
    function rules(uint32 version) external view returns (Rules memory, uint40 liveUntil);
    function currentRules() external view returns (uint32 version);

    /// @notice Start a catalogue with these items.
    function publishCatalogue(uint40[] calldata caps, string[] calldata names) external returns (uint32 catalogue);
    function extendCatalogue(uint32 catalogue, uint40[] calldata caps, string[] calldata names) external;

    /// @notice Most cash that points may pay for each of the `count` items from `firstItem` (1 is the
    /// first) on, or of as many as there are.
    function itemCaps(uint32 catalogue, uint32 firstItem, uint256 count) external view returns (uint40[] memory);
    function itemCount(uint32 catalogue) external view returns (uint256);

    /// @notice Register a terminal under the address that signs for it at first.
    function registerTerminal(address terminal, uint32 catalogue) external;
    function assignCatalogue(address terminal, uint32 catalogue) external;
    function rotateTerminalKey(address terminal, address key) external;
    function setTerminalEnabled(address terminal, bool enabled) external;
    function till(address terminal) external view returns (Till memory);

    // ---------------------------------------------------------------------------------- accounts

    /// @notice Credit points. `batch` is a number that the bank uses once, so that a batch that was
    /// sent twice is credited once. All of it or nothing.
    function issue(uint64 batch, Credit[] calldata credits) external;

    /// @notice Take a credit of a batch back, or part of it: from its own lot first, then soonest to
    /// expire first, and never more than the account holds; nothing if its own lot has lapsed.
    function clawBack(uint64 batch, Credit calldata credit, bytes32[] calldata proof, ClawBack calldata part)
        external;

    /// @notice Let lapse what is due in these accounts. Anyone may.
    function sweep(bytes32[] calldata accounts) external;
    function setFrozen(bytes32 account, bool frozen) external;
    function holding(bytes32 account) external view returns (Holding memory);
    function totals() external view returns (Totals memory);

    /// @notice An account as it is stored, lots that are due to lapse included: Lots.sol says how.
    function accountSlot(bytes32 account) external view returns (uint256);

    // ------------------------------------------------------------------------------------ orders

    /// @notice Record 1: the terminal's own word, in an event.
    function recordOrders(address terminal, bytes32[] calldata orderIds) external;

    /// @notice Record 2: the bank's answers. One bad order never stops the others.
    function settle(SignedOrder[] calldata orders) external;

    /// @notice Record 3: the terminal says that paid orders are completed; bit i of `orders` stands
    /// for sequence `firstSequence` + i. Reverts `NotPaid` for the first that isn't paid, with its
    /// sequence, counted on from 0 past 2^64 - 1.
    function finalize(address terminal, uint64 firstSequence, uint256 orders) external;

    /// @notice Record 3 of an order that was called off: everything is given back.
    function cancel(Receipt calldata receipt, bytes32[] calldata proof) external;

    /// @notice Give back part of an order's cash, or all that is left of it.
    function refund(Receipt calldata receipt, bytes32[] calldata proof, uint40 cash) external;

    function orderId(PaymentOrder calldata order) external pure returns (bytes32);
    function markOf(address terminal, uint64 sequence) external view returns (Mark);

    /// @notice Cash of an order given back so far.
    function refunded(bytes32 orderId) external view returns (uint40);

    /// @notice When the batch with this root was settled, in seconds; 0: never.
    function settledAt(bytes32 root) external view returns (uint40);
}
