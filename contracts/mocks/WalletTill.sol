// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title A terminal that is a contract, honest or not
/// @notice Answers ERC-1271 in the manner it is told to; anybody may tell it.
contract WalletTill {
    /// @dev OwnerOnly is the honest one. BurnMost accepts, but needs nearly all the gas a terminal gets.
    enum Manner {
        OwnerOnly,
        Refuse,
        Revert,
        Loop,
        WrongMagic,
        DirtyMagic,
        ShortMagic,
        HugeMagic,
        HugeRevert,
        Nothing,
        Reenter,
        BurnMost
    }

    address public immutable owner;
    Manner public manner;
    address private _target;
    bytes private _move;

    constructor(address owner_) {
        owner = owner_;
    }

    function behave(Manner next) external {
        manner = next;
    }

    /// @notice What to call while being asked for a signature (`Reenter`).
    function plan(address target, bytes calldata move) external {
        (manner, _target, _move) = (Manner.Reenter, target, move);
    }

    /// @notice Do something in the wallet's name.
    function execute(address target, bytes calldata move) external returns (bytes memory) {
        (bool done, bytes memory answer) = target.call(move);
        if (done) return answer;
        assembly ("memory-safe") {
            revert(add(answer, 0x20), mload(answer))
        }
    }

    /// @dev Not marked `view`: the ledger asks by staticcall, and a terminal may try anything.
    function isValidSignature(bytes32 digest, bytes calldata signature) external returns (bytes4) {
        uint256 start = gasleft();
        bytes4 magic = IERC1271.isValidSignature.selector;
        if (manner == Manner.OwnerOnly) {
            (address signer,,) = ECDSA.tryRecover(digest, signature);
            return signer == owner ? magic : bytes4(0);
        }
        if (manner == Manner.WrongMagic) return bytes4(0xdeadbeef);
        if (manner == Manner.Refuse) return bytes4(0xffffffff);
        if (manner == Manner.Loop) while (true) {}
        if (manner == Manner.Nothing) _answer(magic, 0, false);
        if (manner == Manner.ShortMagic) _answer(magic, 31, false);
        if (manner == Manner.DirtyMagic) _answer(bytes32(magic) | bytes32(uint256(1)), 32, false);
        if (manner == Manner.HugeMagic) _answer(magic, 100_000, false);
        if (manner == Manner.HugeRevert) _answer(magic, 100_000, true);
        if (manner == Manner.BurnMost) {
            while (start - gasleft() < 99_000) {}
            return magic;
        }
        if (manner == Manner.Reenter) {
            (bool done,) = _target.call(_move);
            return done ? bytes4(0) : magic;
        }
        revert("never");
    }

    function _answer(bytes32 word, uint256 length, bool reverting) private pure {
        assembly {
            mstore(0, word)
            if reverting { revert(0, length) }
            return(0, length)
        }
    }
}
