// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ERC721} from "solady/tokens/ERC721.sol";
import {ITicketRegistry} from "../../interfaces/ITicketRegistry.sol";
import {Lifecycle} from "./Lifecycle.sol";
import {TicketData} from "./TicketData.sol";

/// @title A token that only staff hold and move
/// @notice ERC-721 where owner, approved and operator must be resolvers or supervisors.
/// @dev Who is staff is kept a second time, beside the account's token balance: minting to a
/// handler touches that slot anyway, which saves a cold read of 2,000 gas.
abstract contract StaffToken is ITicketRegistry, ERC721, AccessControlDefaultAdminRules, Pausable {
    bytes32 public constant RESOLVER_ROLE = keccak256("RESOLVER_ROLE");
    bytes32 public constant SUPERVISOR_ROLE = keccak256("SUPERVISOR_ROLE");

    bytes4 private constant _ERC4906_ID = 0x49064906;
    bytes4 private constant _ERC5192_ID = 0xb45a3c0e;

    uint224 private constant _RESOLVER = 1;
    uint224 private constant _SUPERVISOR = 2;

    /// @dev solady's, private there.
    uint256 private constant _ERC721_MASTER_SLOT_SEED = 0x7d8825530a5a2e7a << 192;

    /// @notice ERC-721, but from staff, to staff and by staff only. A supervisor needs no approval, and
    /// takes from anybody.
    /// @dev `safeTransferFrom` comes through here too, and calls the receiver last of all.
    function transferFrom(address from, address to, uint256 id) public payable override whenNotPaused {
        _refuseEther();
        (,, TicketData data) = _load(id);
        uint224 rank = _getAux(msg.sender);
        if (rank == 0) revert NotStaff(msg.sender);
        if (rank & _SUPERVISOR == 0) _requireStaff(from); // who is staff no more has approved nobody
        _requireStaff(to);
        if (data.status() == Lifecycle.ERASED) revert TicketErased(id);
        _transfer(rank & _SUPERVISOR == 0 ? msg.sender : address(0), from, to, id);
    }

    /// @notice ERC-721, but by staff and for staff. The zero address takes an approval back, also from
    /// somebody who is staff no more.
    function approve(address account, uint256 id) public payable override {
        _refuseEther();
        if (account != address(0)) {
            _requireStaff(msg.sender);
            _requireStaff(account);
        }
        _approve(msg.sender, account, id);
    }

    /// @notice ERC-721, but by staff and for staff. Anyone may take their own approval back.
    function setApprovalForAll(address operator, bool isApproved) public override {
        if (isApproved) {
            _requireStaff(msg.sender);
            _requireStaff(operator);
        }
        super.setApprovalForAll(operator, isApproved);
    }

    /// @inheritdoc ITicketRegistry
    function locked(uint256 tokenId) external view returns (bool) {
        if (!_exists(tokenId)) revert NoSuchTicket(tokenId);
        return true;
    }

    /// @notice ERC-721 metadata.
    function name() public pure override returns (string memory) {
        return "Counterfoil Tickets";
    }

    /// @notice ERC-721 metadata.
    function symbol() public pure override returns (string memory) {
        return "TICKET";
    }

    /// @notice ERC-165.
    function supportsInterface(bytes4 interfaceId)
        public
        view
        override(ERC721, AccessControlDefaultAdminRules)
        returns (bool)
    {
        return interfaceId == _ERC4906_ID || interfaceId == _ERC5192_ID || ERC721.supportsInterface(interfaceId)
            || AccessControlDefaultAdminRules.supportsInterface(interfaceId);
    }

    function _grantRole(bytes32 role, address account) internal override returns (bool) {
        uint224 rank = _rankOf(role);
        if (rank != 0) _setAux(account, _getAux(account) | rank);
        return super._grantRole(role, account);
    }

    function _revokeRole(bytes32 role, address account) internal override returns (bool) {
        uint224 rank = _rankOf(role);
        if (rank != 0) _setAux(account, _getAux(account) & ~rank);
        return super._revokeRole(role, account);
    }

    /// @param right A Lifecycle right.
    function _requireRight(uint256 right, uint256 tokenId, address handler) internal view {
        uint224 rank = _getAux(msg.sender);
        if (rank & _SUPERVISOR != 0) return;
        if (right == Lifecycle.SUPERVISOR) revert AccessControlUnauthorizedAccount(msg.sender, SUPERVISOR_ROLE);
        if (right == Lifecycle.HANDLER && msg.sender != handler) revert NotHandler(tokenId, msg.sender, handler);
        if (rank == 0) revert NotStaff(msg.sender);
    }

    function _requireStaff(address account) internal view {
        if (_getAux(account) == 0) revert NotStaff(account);
    }

    /// @dev With `_store`, one slot computed and read once; solady's `_ownerOf`, `_getExtraData` and
    /// `_setExtraData` do so three times, which costs a move 390 gas.
    /// @return slot For `_store`.
    function _load(uint256 tokenId) internal view returns (bytes32 slot, address handler, TicketData data) {
        uint256 packed;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(0x00, tokenId)
            mstore(0x1c, _ERC721_MASTER_SLOT_SEED)
            slot := add(tokenId, add(tokenId, keccak256(0x00, 0x20)))
            packed := sload(slot)
        }
        handler = address(uint160(packed));
        if (handler == address(0)) revert NoSuchTicket(tokenId);
        data = TicketData.wrap(uint96(packed >> 160));
    }

    /// @dev Writes the ticket's data beside its handler, who must own the token already.
    function _store(bytes32 slot, address handler, TicketData data) internal {
        uint256 packed = uint256(TicketData.unwrap(data)) << 160 | uint160(handler);
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            sstore(slot, packed)
        }
    }

    function _rankOf(bytes32 role) private pure returns (uint224) {
        if (role == RESOLVER_ROLE) return _RESOLVER;
        return role == SUPERVISOR_ROLE ? _SUPERVISOR : 0;
    }

    function _refuseEther() private view {
        if (msg.value != 0) revert EtherNotAccepted(msg.value);
    }
}
