// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPointsLedger} from "./IPointsLedger.sol";
import {IPointsTypes} from "./IPointsTypes.sol";

/// @title What points can pay for, before anybody orders
interface IPointsOffers is IPointsTypes {
    /// @notice What points can pay for one piece of each item of a terminal's catalogue, now, under
    /// the current rules. Reverts `EnforcedPause` while the ledger is paused, when it settles nothing.
    /// @param firstItem Number of the page's first item; the first of all is 1.
    /// @param count At most so many items, and never more than 1,000.
    /// @return One offer an item: the fewest points that reach the largest cash that every limit
    /// leaves; or none, and what `settle` says to the smallest order: the first limit, in the order
    /// of the checks, that leaves too little for it.
    function offers(IPointsLedger ledger, bytes32 account, address terminal, uint32 firstItem, uint256 count)
        external
        view
        returns (Offer[] memory);

    /// @notice The order of this basket that pays most, up to `wish` of cash, of all that `settle`
    /// accepts now under the current rules. Reverts `EnforcedPause` as `offers` does.
    /// @param basket Items with quantities and prices; the cash of a line isn't read.
    /// @param wish Minor units; `type(uint256).max` for as much as can be.
    /// @return The fewest points that reach the largest cash, and each line's share; or no points, and
    /// what `settle` says to the smallest order: the first limit, in the order of the checks, that
    /// leaves too little for it.
    function quote(
        IPointsLedger ledger,
        bytes32 account,
        address terminal,
        OrderLine[] calldata basket,
        uint256 wish
    ) external view returns (Quote memory);

    /// @notice The order of this basket that takes so many points, and what `settle` says to it. Reverts
    /// `EnforcedPause` as `offers` does.
    function quotePoints(
        IPointsLedger ledger,
        bytes32 account,
        address terminal,
        OrderLine[] calldata basket,
        uint32 points
    ) external view returns (Quote memory);
}
