// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {LedgerStorage} from "./LedgerStorage.sol";
import {Recording} from "./Recording.sol";
import {Refunding} from "./Refunding.sol";
import {Rulebook} from "./Rulebook.sol";
import {Settling} from "./Settling.sol";

/// @title One bank's points ledger
/// @notice See IPointsLedger for what it promises.
contract PointsLedger is Rulebook, Recording, Settling, Refunding {
    constructor(string memory bank_, bytes3 currency_, uint256 lotDays_, address admin, uint48 adminDelay)
        LedgerStorage(bank_, currency_, lotDays_, admin, adminDelay)
    {}
}
