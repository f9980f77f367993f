// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IPointsLedger} from "../../interfaces/IPointsLedger.sol";
import {LedgerStorage} from "./LedgerStorage.sol";
import {Lots} from "./Lots.sol";
import {MerkleTree} from "./MerkleTree.sol";

/// @title Points in, points back out of a credit, points whose time is over
abstract contract Crediting is LedgerStorage {
    using Lots for uint256;

    /// @inheritdoc IPointsLedger
    function issue(uint64 batch, Credit[] calldata credits) external onlyRole(ISSUER_ROLE) {
        if (credits.length == 0) revert EmptyBatch();
        if (_creditRoots[batch] != 0) revert CreditBatchUsed(batch);
        bytes32[] memory leaves = new bytes32[](credits.length);
        uint48 issued;
        for (uint256 i; i < credits.length; ++i) {
            _issueOne(batch, credits[i]);
            issued += credits[i].points;
            leaves[i] = _leaf(credits[i]);
        }
        _creditRoots[batch] = MerkleTree.rootOf(leaves, leaves.length);
        _issued += issued;
    }

    /// @inheritdoc IPointsLedger
    function clawBack(uint64 batch, Credit calldata credit, bytes32[] calldata proof, ClawBack calldata part)
        external
        onlyRole(ISSUER_ROLE)
    {
        bytes32 leaf = _leaf(credit);
        if (_creditRoots[batch] == 0 || !MerkleProof.verifyCalldata(proof, _creditRoots[batch], leaf)) {
            revert CreditUnknown(batch, credit.creditReference);
        }
        _countTakenBack(keccak256(abi.encode(batch, leaf)), credit, part);

        (uint256 left, uint256 taken) = _without(_touch(credit.account), credit.earnedOn, part.points);
        _accounts[credit.account].packed = left;
        _clawedBack += uint48(taken);
        emit PointsClawedBack(
            credit.account,
            credit.creditReference,
            part.clawReference,
            uint32(taken),
            uint32(part.points - taken)
        );
    }

    /// @inheritdoc IPointsLedger
    function sweep(bytes32[] calldata accounts) external {
        for (uint256 i; i < accounts.length; ++i) {
            if (_accounts[accounts[i]].packed != 0) _accounts[accounts[i]].packed = _touch(accounts[i]);
        }
    }

    /// @inheritdoc IPointsLedger
    function setFrozen(bytes32 account, bool frozen) external onlyRole(PAUSER_ROLE) {
        _accounts[account].packed = _touch(account).setFrozen(frozen);
        emit AccountFrozen(account, frozen);
    }

    /// @inheritdoc IPointsLedger
    function holding(bytes32 account) external view returns (Holding memory held) {
        (uint256 fresh,) = _accounts[account].packed.touch(_today(), lotDays);
        for (uint256 lot; lot < Lots.COUNT; ++lot) {
            held.lots[lot] = uint32(fresh.at(lot));
        }
        held.firstPeriod = uint16(_firstPeriod());
        held.spentToday = uint40(fresh.spent());
        held.frozen = fresh.frozen();
    }

    /// @inheritdoc IPointsLedger
    function accountSlot(bytes32 account) external view returns (uint256) {
        return _accounts[account].packed;
    }

    /// @inheritdoc IPointsLedger
    function totals() external view returns (Totals memory) {
        return Totals({
            issued: _issued,
            redeemed: _redeemed,
            restored: _restored,
            lapsed: _lapsed,
            clawedBack: _clawedBack
        });
    }

    /// @dev Stores nothing but what lapsed: the caller writes the account once, at its end.
    function _touch(bytes32 account) internal returns (uint256 fresh) {
        uint256 lapsed;
        (fresh, lapsed) = _accounts[account].packed.touch(_today(), lotDays);
        if (lapsed != 0) _lapse(account, lapsed);
    }

    /// @dev Where points earned on `day` live now.
    function _lotOf(uint256 day) private view returns (bool alive, uint256 lot) {
        uint256 period = day / lotDays;
        uint256 first = _firstPeriod();
        return period < first ? (false, 0) : (true, period - first);
    }

    /// @dev From its own lot first. Nothing if that has lapsed: what was left of the credit lapsed with
    /// it, and would be taken a second time from points of other credits.
    function _without(uint256 account, uint256 earnedOn, uint256 points)
        private
        view
        returns (uint256 left, uint256 taken)
    {
        (bool alive, uint256 lot) = _lotOf(earnedOn);
        if (!alive) return (account, 0);
        uint256 own = account.at(lot);
        if (own > points) own = points;
        uint256 missing;
        (left,, missing) = (account - (own << (32 * lot))).draw(points - own);
        taken = points - missing;
    }

    function _issueOne(uint64 batch, Credit calldata credit) private {
        if (credit.points == 0) revert ZeroPoints(credit.creditReference);
        if (credit.earnedOn > _today()) revert EarnedInFuture(credit.creditReference, credit.earnedOn);
        (bool alive, uint256 lot) = _lotOf(credit.earnedOn);
        if (!alive) revert LotLapsed(credit.creditReference, credit.earnedOn);
        uint256 account = _touch(credit.account);
        uint256 points = account.at(lot) + credit.points;
        if (points > Lots.MAX_POINTS) revert LotFull(credit.creditReference, points);
        _accounts[credit.account].packed = account + (uint256(credit.points) << (32 * lot));
        emit PointsIssued(credit.account, credit.creditReference, batch, credit.points, credit.earnedOn);
    }

    /// @dev What was in vain counts too: the bank has asked for it, and never asks twice.
    function _countTakenBack(bytes32 key, Credit calldata credit, ClawBack calldata part) private {
        uint256 before = _takenBack[key];
        if (part.points == 0) revert ZeroPoints(credit.creditReference);
        if (part.before != before) revert ClawBackOutOfTurn(credit.creditReference, part.before, before);
        uint256 left = credit.points - before;
        if (part.points > left) revert ClawBackExceedsCredit(credit.creditReference, part.points, left);
        _takenBack[key] = before + part.points;
    }

    function _leaf(Credit calldata credit) private pure returns (bytes32) {
        return keccak256(abi.encode(credit));
    }
}
