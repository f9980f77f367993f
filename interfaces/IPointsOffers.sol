// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPointsLedger} from "./IPointsLedger.sol";
import {IPointsTypes} from "./IPointsTypes.sol";

/// @title What points can pay for, before anybody orders
interface IPointsOffers is IPointsTypes {
    /// @notice What points can pay for one piece of each item of a terminal's catalogue, now, under
    /// the current rules.
    /// @param firstItem Number of the page's first item; the first of all is 1.
    /// @param count At most so many items, and never more than 1,000.
    /// @return One offer an item: the fewest points that reach the largest cash that every limit
    /// leaves; or none, and the first limit, in the order of the checks, that leaves too little for
    /// the smallest order.
    function offers(IPointsLedger ledger, bytes32 account, address terminal, uint32 firstItem, uint256 count)
        external
        view
        returns (Offer[] memory);
}
