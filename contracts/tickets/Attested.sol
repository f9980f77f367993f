// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ECDSA} from "solady/utils/ECDSA.sol";
import {EfficientHashLib} from "solady/utils/EfficientHashLib.sol";
import {ITicketRegistry} from "../../interfaces/ITicketRegistry.sol";
import {StaffToken} from "./StaffToken.sol";

/// @title A quorum of verifiers
/// @notice Holds how many verifiers a mint takes, and judges what they signed.
/// @dev EIP712 stands first so that the quorum shares Pausable's slot: minting reads both.
abstract contract Attested is EIP712, StaffToken {
    bytes32 public constant VERIFIER_ROLE = keccak256("VERIFIER_ROLE");

    bytes32 private constant _OPENING = keccak256("Opening(uint256 tokenId,bytes32 digest)");
    bytes32 private constant _ATTESTATION =
        keccak256("Attestation(Opening[] openings,uint40 deadline)Opening(uint256 tokenId,bytes32 digest)");

    uint8 private _quorum;

    constructor(uint8 quorum_) EIP712("Counterfoil Tickets", "1") {
        _setQuorum(quorum_);
    }

    /// @inheritdoc ITicketRegistry
    function setQuorum(uint8 newQuorum) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _setQuorum(newQuorum);
    }

    /// @inheritdoc ITicketRegistry
    function quorum() external view returns (uint8) {
        return _quorum;
    }

    /// @inheritdoc ITicketRegistry
    function attestationHash(Opening[] calldata openings, uint40 deadline) external view returns (bytes32) {
        return _hash(_hash(openings), deadline);
    }

    /// @dev Passes if a quorum signed this one opening.
    function _requireAttested(Opening calldata opening, Attestations calldata attestations) internal view {
        if (!_areGiven(attestations)) return;
        _verify(_hash(EfficientHashLib.hash(_hash(opening)), attestations.deadline), attestations.signatures);
    }

    /// @dev Passes if a quorum signed all these openings.
    function _requireAttested(Opening[] calldata openings, Attestations calldata attestations) internal view {
        if (!_areGiven(attestations)) return;
        _verify(_hash(_hash(openings), attestations.deadline), attestations.signatures);
    }

    function _setQuorum(uint8 newQuorum) private {
        uint8 from = _quorum;
        _quorum = newQuorum;
        emit QuorumChanged(from, newQuorum);
    }

    /// @dev Whether there is anything to verify: without a quorum there need not be, but a
    /// signature that is given must be good, also beyond the quorum.
    function _areGiven(Attestations calldata attestations) private view returns (bool) {
        (uint256 given, uint256 needed) = (attestations.signatures.length, _quorum);
        if (given < needed) revert QuorumNotReached(given, needed);
        if (given == 0) return false;
        // slither-disable-next-line timestamp
        if (block.timestamp > attestations.deadline) revert AttestationExpired(attestations.deadline, block.timestamp);
        return true;
    }

    /// @dev Every signature is a verifier's, and no verifier signs twice.
    function _verify(bytes32 digest, bytes[] calldata signatures) private view {
        address previous;
        for (uint256 i; i < signatures.length; ++i) {
            address signer = ECDSA.tryRecoverCalldata(digest, signatures[i]);
            if (signer == address(0)) revert MalformedSignature(i);
            if (signer <= previous) revert SignersNotAscending(previous, signer);
            if (!hasRole(VERIFIER_ROLE, signer)) revert NotVerifier(signer);
            previous = signer;
        }
    }

    /// @param openings Hash of the list.
    function _hash(bytes32 openings, uint40 deadline) private view returns (bytes32) {
        return _hashTypedDataV4(EfficientHashLib.hash(_ATTESTATION, openings, bytes32(uint256(deadline))));
    }

    /// @dev Hashed in place: Solidity's own encoding copies, which costs 300 gas an opening.
    function _hash(Opening[] calldata openings) private pure returns (bytes32) {
        bytes32[] memory hashes = EfficientHashLib.malloc(openings.length);
        for (uint256 i; i < openings.length; ++i) {
            EfficientHashLib.set(hashes, i, _hash(openings[i]));
        }
        return EfficientHashLib.hash(hashes);
    }

    function _hash(Opening calldata opening) private pure returns (bytes32) {
        return EfficientHashLib.hash(_OPENING, bytes32(opening.tokenId), opening.digest);
    }
}
