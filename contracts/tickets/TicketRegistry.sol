// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessControlDefaultAdminRules} from
    "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {ITicketRegistry} from "../../interfaces/ITicketRegistry.sol";
import {Attested} from "./Attested.sol";
import {Cid} from "./Cid.sol";
import {Lifecycle} from "./Lifecycle.sol";
import {TicketData, TicketDataFields} from "./TicketData.sol";

/// @title One ERC-721 work ticket for each transaction query
/// @dev Two slots a ticket: owner, status, version and times in the first, the digest in the second.
contract TicketRegistry is Attested {
    struct CaseFile {
        bytes32 digest;
    }

    bytes32 public constant INTAKE_ROLE = keccak256("INTAKE_ROLE");
    bytes32 public constant PAUSER_ROLE = keccak256("PAUSER_ROLE");

    /// @notice Most openings in one batch: at 51,000 gas each they stay below the 2^24 gas to
    /// which EIP-7825 limits a transaction.
    uint256 public constant MAX_BATCH = 256;

    mapping(uint256 tokenId => CaseFile) private _files; // a struct, to be pointed to

    constructor(address admin, uint48 adminDelay, uint8 quorum_)
        AccessControlDefaultAdminRules(adminDelay, admin)
        Attested(quorum_)
    {}

    /// @inheritdoc ITicketRegistry
    function open(Opening calldata opening, address handler, bytes32 channel, Attestations calldata attestations)
        external
        whenNotPaused
        onlyRole(INTAKE_ROLE)
    {
        _requireStaff(handler);
        _requireAttested(opening, attestations);
        if (_exists(opening.tokenId)) revert DuplicateTicket(opening.tokenId);
        _open(opening, handler, channel);
    }

    /// @inheritdoc ITicketRegistry
    function openBatch(
        Opening[] calldata openings,
        address handler,
        bytes32 channel,
        Attestations calldata attestations
    ) external whenNotPaused onlyRole(INTAKE_ROLE) {
        if (openings.length == 0) revert EmptyBatch();
        if (openings.length > MAX_BATCH) revert BatchTooLarge(openings.length, MAX_BATCH);
        _requireStaff(handler);
        _requireAttested(openings, attestations);
        for (uint256 i; i < openings.length; ++i) {
            if (_exists(openings[i].tokenId)) emit SeenAgain(openings[i].tokenId, channel);
            else _open(openings[i], handler, channel);
        }
    }

    /// @inheritdoc ITicketRegistry
    function seenAgain(uint256[] calldata tokenIds, bytes32 channel) external whenNotPaused onlyRole(INTAKE_ROLE) {
        for (uint256 i; i < tokenIds.length; ++i) {
            if (!_exists(tokenIds[i])) revert NoSuchTicket(tokenIds[i]);
            emit SeenAgain(tokenIds[i], channel);
        }
    }

    /// @inheritdoc ITicketRegistry
    function act(uint256 tokenId, Action action, bytes32 digest, uint24 expectedVersion) external whenNotPaused {
        (bytes32 slot, address handler, TicketData data) = _load(tokenId);
        (uint256 code, uint256 from) = (uint256(action), data.status());
        (uint256 to, uint256 right) = Lifecycle.transition(code, from);
        _requireRight(right, tokenId, handler);
        uint16 version = _nextVersion(tokenId, data, expectedVersion, Lifecycle.keptAfter(code));
        if (to == Lifecycle.NONE) revert ActionNotAllowed(tokenId, action, Status(from));
        _replaceDigest(tokenId, digest, code == Lifecycle.ERASE);

        if (code == Lifecycle.TAKE && handler != msg.sender) {
            _transfer(handler, msg.sender, tokenId);
            handler = msg.sender;
        }
        _store(slot, handler, data.moved(to, version, block.timestamp));
        emit TicketMoved(tokenId, msg.sender, uint8(code), uint8(from), uint8(to), version, digest);
        emit MetadataUpdate(tokenId);
    }

    /// @inheritdoc ITicketRegistry
    function assign(uint256 tokenId, address to, bytes32 digest, uint24 expectedVersion) external whenNotPaused {
        (bytes32 slot, address handler, TicketData data) = _load(tokenId);
        _requireRight(Lifecycle.HANDLER, tokenId, handler);
        _requireStaff(to);
        if (to == handler) revert AlreadyHandler(tokenId, to);
        uint16 version = _nextVersion(tokenId, data, expectedVersion, Lifecycle.KEPT);
        if (data.status() == Lifecycle.ERASED) revert TicketErased(tokenId);
        _replaceDigest(tokenId, digest, false);

        _transfer(handler, to, tokenId);
        _store(slot, to, data.moved(data.status(), version, block.timestamp));
        emit TicketAssigned(tokenId, msg.sender, to, handler, version, digest);
        emit MetadataUpdate(tokenId);
    }

    /// @inheritdoc ITicketRegistry
    function pause() external onlyRole(PAUSER_ROLE) {
        _pause();
    }

    /// @inheritdoc ITicketRegistry
    function unpause() external onlyRole(PAUSER_ROLE) {
        _unpause();
    }

    /// @inheritdoc ITicketRegistry
    function ticket(uint256 tokenId) public view returns (Ticket memory) {
        TicketData data = TicketData.wrap(_getExtraData(tokenId));
        return Ticket({
            handler: _ownerOf(tokenId),
            status: Status(data.status()),
            version: data.version(),
            openedAt: data.openedAt(),
            updatedAt: data.updatedAt(),
            digest: _files[tokenId].digest
        });
    }

    /// @inheritdoc ITicketRegistry
    function tickets(uint256[] calldata tokenIds) external view returns (Ticket[] memory found) {
        found = new Ticket[](tokenIds.length);
        for (uint256 i; i < tokenIds.length; ++i) {
            found[i] = ticket(tokenIds[i]);
        }
    }

    /// @inheritdoc ITicketRegistry
    function transition(Action action, Status from) external pure returns (Status to, Right right) {
        (uint256 end, uint256 who) = Lifecycle.transition(uint256(action), uint256(from));
        (to, right) = (Status(end), Right(who));
    }

    /// @notice `ipfs://` and the CID of the latest version of the case file.
    function tokenURI(uint256 id) public view override returns (string memory) {
        if (!_exists(id)) revert NoSuchTicket(id);
        return Cid.uri(_files[id].digest);
    }

    /// @dev The caller has seen to it that there is no such ticket. No call-back: handlers are
    /// chosen by the admin, and a contract among them needs no asking.
    function _open(Opening calldata opening, address handler, bytes32 channel) private {
        (uint256 tokenId, bytes32 digest) = (opening.tokenId, opening.digest);
        if (digest == bytes32(0)) revert ZeroDigest(tokenId);
        _files[tokenId].digest = digest;
        TicketData data = TicketDataFields.opened(Lifecycle.OPEN, block.timestamp);
        _mintAndSetExtraDataUnchecked(handler, tokenId, TicketData.unwrap(data));
        emit TicketOpened(tokenId, channel, digest);
    }

    /// @dev The number after the present version, which must be the one expected.
    /// @param kept How many of the last numbers are for others.
    function _nextVersion(uint256 tokenId, TicketData data, uint24 expected, uint256 kept)
        private
        pure
        returns (uint16)
    {
        uint16 present = data.version();
        if (present != expected) revert VersionMismatch(tokenId, expected, present);
        uint16 limit = uint16(type(uint16).max - kept);
        if (present >= limit) revert VersionsExhausted(tokenId, limit);
        return present + 1;
    }

    /// @param keeps Whether there is no new case file: the digest given must be the present one.
    function _replaceDigest(uint256 tokenId, bytes32 digest, bool keeps) private {
        CaseFile storage file = _files[tokenId];
        bytes32 present = file.digest;
        if (keeps) {
            if (digest != present) revert DigestMismatch(tokenId, digest, present);
        } else {
            if (digest == bytes32(0)) revert ZeroDigest(tokenId);
            if (digest == present) revert DigestUnchanged(tokenId, digest);
            file.digest = digest;
        }
    }
}
