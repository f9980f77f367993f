// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title What may be done to a ticket, from where to where, and by whom
/// @notice The transition table, in the numbers of ITicketRegistry's Action, Status and Right.
/// @dev The table is one word, a row of sixteen bits for each action, the first action lowest. In
/// a row: the right (2 bits), the status where it ends (4), a bit for each status from which it
/// starts (10, Open lowest; nothing starts from None or Erased). Numbers and not enums, whose
/// checks cost a move 500 gas; a test compares every cell.
library Lifecycle {
    uint256 internal constant NONE = 0;
    uint256 internal constant OPEN = 1;
    uint256 internal constant ERASED = 10;

    uint256 internal constant TAKE = 0;
    uint256 internal constant NOTE = 1;
    uint256 internal constant REQUEST_ERASURE = 9;
    uint256 internal constant ERASE = 10;

    /// @dev Versions that a trail keeps for RequestErasure and Erase.
    uint256 internal constant KEPT = 2;

    uint256 internal constant STAFF = 0;
    uint256 internal constant HANDLER = 1;
    uint256 internal constant SUPERVISOR = 2;

    uint256 private constant _END = 10;
    uint256 private constant _RIGHT = 14;

    uint256 private constant _WAITING = 1 << 0 | 1 << 5; // Open, Reopened
    uint256 private constant _IN_PROGRESS = 1 << 1;
    uint256 private constant _PENDING = 1 << 2;
    uint256 private constant _LIVE = _WAITING | _IN_PROGRESS | _PENDING;
    uint256 private constant _RESOLVED = 1 << 3;
    uint256 private constant _ENDED = _RESOLVED | 1 << 4 | 1 << 6 | 1 << 7; // Closed, Rejected, Withdrawn
    uint256 private constant _ERASURE_REQUESTED = 1 << 8;

    uint256 private constant _STAFF = STAFF << _RIGHT;
    uint256 private constant _HANDLER = HANDLER << _RIGHT;
    uint256 private constant _SUPERVISOR = SUPERVISOR << _RIGHT;

    uint256 private constant _TAKE = _STAFF | 2 << _END | _WAITING;
    uint256 private constant _NOTE = _HANDLER | 0 << _END | _LIVE | _RESOLVED; // ends where it starts
    uint256 private constant _ASK = _HANDLER | 3 << _END | _IN_PROGRESS;
    uint256 private constant _REPLY = _HANDLER | 2 << _END | _PENDING;
    uint256 private constant _RESOLVE = _HANDLER | 4 << _END | _IN_PROGRESS | _PENDING;
    uint256 private constant _CLOSE = _HANDLER | 5 << _END | _RESOLVED;
    uint256 private constant _REOPEN = _SUPERVISOR | 6 << _END | _ENDED | _ERASURE_REQUESTED;
    uint256 private constant _REJECT = _HANDLER | 7 << _END | _LIVE;
    uint256 private constant _WITHDRAW = _HANDLER | 8 << _END | _LIVE;
    uint256 private constant _REQUEST_ERASURE = _SUPERVISOR | 9 << _END | _LIVE | _ENDED;
    uint256 private constant _ERASE = _SUPERVISOR | 10 << _END | _ERASURE_REQUESTED;

    uint256 private constant _TABLE = _TAKE | _NOTE << 16 | _ASK << 32 | _REPLY << 48 | _RESOLVE << 64 | _CLOSE << 80
        | _REOPEN << 96 | _REJECT << 112 | _WITHDRAW << 128 | _REQUEST_ERASURE << 144 | _ERASE << 160;

    /// @notice Where `action` leads from `from`, NONE if it doesn't start there, and who may do it.
    function transition(uint256 action, uint256 from) internal pure returns (uint256 to, uint256 right) {
        uint256 row = _TABLE >> (action << 4);
        right = (row >> _RIGHT) & 3;
        if ((row << 1 >> from) & 1 == 0) to = NONE;
        else to = action == NOTE ? from : (row >> _END) & 15;
    }

    /// @notice How many of a trail's versions are kept for what comes after `action`: those for erasing,
    /// so that nobody can fill a trail to prevent it.
    function keptAfter(uint256 action) internal pure returns (uint256) {
        return action < REQUEST_ERASURE ? KEPT : ERASE - action;
    }
}
