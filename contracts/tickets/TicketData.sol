// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice The 96 bits that share a storage slot with the ticket's owner. From the lowest bit:
/// status 8, version 16, time opened 36, time updated 36.
/// @dev 36 bits of Unix seconds last until the year 4147. The status is the number of an
/// `ITicketRegistry.Status`: as an enum it is checked at every touch, for 50 gas each time.
type TicketData is uint96;

using TicketDataFields for TicketData global;

/// @title What rides in the owner's slot
library TicketDataFields {
    uint256 private constant _VERSION = 8;
    uint256 private constant _OPENED = 24;
    uint256 private constant _UPDATED = 60;
    uint256 private constant _TIME_MASK = (1 << 36) - 1;

    /// @notice A ticket at its opening.
    /// @param time Unix seconds.
    function opened(uint256 status_, uint256 time) internal pure returns (TicketData) {
        time &= _TIME_MASK;
        return TicketData.wrap(uint96(status_ | 1 << _VERSION | time << _OPENED | time << _UPDATED));
    }

    /// @notice The ticket one version on.
    /// @param newVersion One more than the present; the caller has seen to it that it fits.
    function moved(TicketData data, uint256 to, uint16 newVersion, uint256 time) internal pure returns (TicketData) {
        uint256 kept = TicketData.unwrap(data) & (_TIME_MASK << _OPENED);
        return TicketData.wrap(
            uint96(kept | to | uint256(newVersion) << _VERSION | (time & _TIME_MASK) << _UPDATED)
        );
    }

    function status(TicketData data) internal pure returns (uint256) {
        return uint8(TicketData.unwrap(data));
    }

    function version(TicketData data) internal pure returns (uint16) {
        return uint16(TicketData.unwrap(data) >> _VERSION);
    }

    function openedAt(TicketData data) internal pure returns (uint40) {
        return uint40((TicketData.unwrap(data) >> _OPENED) & _TIME_MASK);
    }

    function updatedAt(TicketData data) internal pure returns (uint40) {
        return uint40(TicketData.unwrap(data) >> _UPDATED);
    }
}
