// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {IPointsLedger} from "../../interfaces/IPointsLedger.sol";

/// @title Whether a terminal signed
/// @notice Keys first, since most terminals are keys; then ERC-1271 with bounded gas and a bounded
/// answer, so that no terminal can harm the orders of others in its batch.
library TerminalSignature {
    uint256 internal constant CONTRACT_GAS = 100_000;

    /// @dev EIP-150 keeps back one 64th of what is left at the call.
    uint256 private constant GAS_NEEDED = CONTRACT_GAS * 64 / 63 + 5_000;

    /// @dev Half the order of secp256k1.
    uint256 private constant HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    /// @notice Whether `key` signed the EIP-712 struct `structHash` for `domain`.
    function isValid(address key, bytes32 domain, bytes32 structHash, bytes calldata signature)
        internal
        view
        returns (bool)
    {
        bytes32 digest = MessageHashUtils.toTypedDataHash(domain, structHash);
        return _recover(digest, signature) == key
            || (key.code.length != 0 && _contractAccepts(key, digest, signature));
    }

    /// @dev Zero if nobody; a high s is nobody (EIP-2). A registered key is never zero.
    function _recover(bytes32 digest, bytes calldata signature) private pure returns (address signer) {
        bytes32 r;
        uint256 s;
        uint256 v;
        // In assembly because each slice of calldata checks its bounds anew: 170 gas. What it reads
        // beyond the signature's end counts for nothing.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            r := calldataload(signature.offset)
            s := calldataload(add(signature.offset, 0x20))
            switch signature.length
            case 64 {
                v := add(27, shr(255, s))
                s := shr(1, shl(1, s))
            }
            case 65 { v := byte(0, calldataload(add(signature.offset, 0x40))) }
        }
        if (s <= HALF_ORDER) signer = ecrecover(digest, uint8(v), r, bytes32(s));
    }

    function _contractAccepts(address key, bytes32 digest, bytes calldata signature)
        private
        view
        returns (bool accepted)
    {
        bytes memory question = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        if (gasleft() < GAS_NEEDED) revert IPointsLedger.TooLittleGas(gasleft(), GAS_NEEDED);
        bytes32 answer;
        // In assembly because a high-level call copies an answer of any length at our expense.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(0x00, 0)
            accepted := staticcall(CONTRACT_GAS, key, add(question, 0x20), mload(question), 0x00, 0x20)
            accepted := and(accepted, gt(returndatasize(), 0x1f))
            answer := mload(0x00)
        }
        return accepted && answer == bytes32(IERC1271.isValidSignature.selector);
    }
}
