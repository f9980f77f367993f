// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPointsLedger} from "../../interfaces/IPointsLedger.sol";
import {ExchangeRate} from "./ExchangeRate.sol";
import {LedgerStorage} from "./LedgerStorage.sol";

/// @title Numbered rules, catalogues and terminals
abstract contract Rulebook is LedgerStorage {
    // --------------------------------------------------------------------------------- rules

    /// @inheritdoc IPointsLedger
    function publishRules(Rules calldata next) external onlyRole(RULES_ROLE) returns (uint32 version) {
        _checkRules(next);
        uint40 previousLiveUntil = uint40(block.timestamp) + next.sunsetSeconds;
        if (currentRules != 0) _terms[currentRules].liveUntil = previousLiveUntil;
        version = ++currentRules;
        _rules[version] = RulesSlot({
            points: next.points,
            minorUnits: next.minorUnits,
            minimumPoints: next.minimumPoints,
            increment: next.increment,
            maxOrder: next.maxOrder,
            maxAccountDay: next.maxAccountDay,
            maxTerminalDay: next.maxTerminalDay
        });
        _terms[version] = RulesTerms({
            liveUntil: type(uint40).max,
            sunsetSeconds: next.sunsetSeconds,
            refundDays: next.refundDays,
            graceDays: next.graceDays
        });
        emit RulesPublished(version, next, previousLiveUntil);
    }

    /// @dev Every cash amount of a 32-bit balance must fit 40 bits, and no order may pay nothing.
    function _checkRules(Rules calldata next) private pure {
        if (next.points == 0) revert InvalidRules("points");
        if (next.minorUnits == 0) revert InvalidRules("minorUnits");
        if (ExchangeRate.cashFor(type(uint32).max, next.points, next.minorUnits) > type(uint40).max) {
            revert InvalidRules("minorUnits");
        }
        if (next.increment == 0) revert InvalidRules("increment");
        if (next.minimumPoints == 0) revert InvalidRules("minimumPoints");
        uint256 smallest = ExchangeRate.roundUp(next.minimumPoints, next.increment);
        if (smallest > type(uint32).max) revert InvalidRules("increment");
        if (ExchangeRate.cashFor(smallest, next.points, next.minorUnits) == 0) {
            revert InvalidRules("minimumPoints");
        }
        if (next.maxOrder == 0) revert InvalidRules("maxOrder");
        if (next.maxAccountDay == 0) revert InvalidRules("maxAccountDay");
        if (next.maxTerminalDay == 0) revert InvalidRules("maxTerminalDay");
    }

    /// @inheritdoc IPointsLedger
    function rules(uint32 version) external view returns (Rules memory, uint40 liveUntil) {
        RulesSlot storage slot = _rules[version];
        RulesTerms storage terms = _terms[version];
        if (slot.points == 0) revert UnknownRules(version);
        return (
            Rules({
                points: slot.points,
                minorUnits: slot.minorUnits,
                minimumPoints: slot.minimumPoints,
                increment: slot.increment,
                maxOrder: slot.maxOrder,
                maxAccountDay: slot.maxAccountDay,
                maxTerminalDay: slot.maxTerminalDay,
                sunsetSeconds: terms.sunsetSeconds,
                refundDays: terms.refundDays,
                graceDays: terms.graceDays
            }),
            terms.liveUntil
        );
    }

    // ---------------------------------------------------------------------------- catalogues

    /// @inheritdoc IPointsLedger
    function publishCatalogue(uint40[] calldata caps, string[] calldata names)
        external
        onlyRole(RULES_ROLE)
        returns (uint32 catalogue)
    {
        catalogue = ++_catalogues;
        _listItems(catalogue, caps, names);
    }

    /// @inheritdoc IPointsLedger
    function extendCatalogue(uint32 catalogue, uint40[] calldata caps, string[] calldata names)
        external
        onlyRole(RULES_ROLE)
    {
        _requireCatalogue(catalogue);
        _listItems(catalogue, caps, names);
    }

    /// @inheritdoc IPointsLedger
    function itemCount(uint32 catalogue) external view returns (uint256) {
        return _caps[catalogue].length;
    }

    /// @inheritdoc IPointsLedger
    function itemCaps(uint32 catalogue, uint32 firstItem, uint256 count)
        external
        view
        returns (uint40[] memory caps)
    {
        uint40[] storage all = _caps[catalogue];
        if (firstItem == 0 || firstItem > all.length) return caps;
        uint256 left = all.length - firstItem + 1;
        caps = new uint40[](count < left ? count : left);
        for (uint256 i; i < caps.length; ++i) {
            caps[i] = all[firstItem - 1 + i];
        }
    }

    function _listItems(uint32 catalogue, uint40[] calldata caps, string[] calldata names) private {
        if (caps.length != names.length) revert CapsAndNamesDiffer(caps.length, names.length);
        uint40[] storage all = _caps[catalogue];
        uint32 firstItem = uint32(all.length + 1);
        for (uint256 i; i < caps.length; ++i) {
            all.push(caps[i]);
        }
        emit ItemsListed(catalogue, firstItem, caps, names);
    }

    function _requireCatalogue(uint32 catalogue) private view {
        if (catalogue == 0 || catalogue > _catalogues) revert UnknownCatalogue(catalogue);
    }

    // ----------------------------------------------------------------------------- terminals

    /// @inheritdoc IPointsLedger
    function registerTerminal(address terminal, uint32 catalogue) external onlyRole(RULES_ROLE) {
        if (terminal == address(0)) revert InvalidKey(terminal);
        if (_tills[terminal].key != address(0)) revert TerminalExists(terminal);
        _requireCatalogue(catalogue);
        _tills[terminal] = TillSlot({key: terminal, catalogue: catalogue, enabled: true, today: 0});
        emit TerminalRegistered(terminal, catalogue);
    }

    /// @inheritdoc IPointsLedger
    function assignCatalogue(address terminal, uint32 catalogue) external onlyRole(RULES_ROLE) {
        _requireCatalogue(catalogue);
        _known(terminal).catalogue = catalogue;
        emit TerminalCatalogueAssigned(terminal, catalogue);
    }

    /// @inheritdoc IPointsLedger
    function rotateTerminalKey(address terminal, address key) external onlyRole(RULES_ROLE) {
        if (key == address(0)) revert InvalidKey(key);
        TillSlot storage slot = _known(terminal);
        address oldKey = slot.key;
        slot.key = key;
        emit TerminalKeyRotated(terminal, oldKey, key);
    }

    /// @inheritdoc IPointsLedger
    function setTerminalEnabled(address terminal, bool enabled) external onlyRole(RULES_ROLE) {
        _known(terminal).enabled = enabled;
        emit TerminalEnabled(terminal, enabled);
    }

    /// @inheritdoc IPointsLedger
    function till(address terminal) external view returns (Till memory) {
        TillSlot storage slot = _tills[terminal];
        return Till({
            key: slot.key,
            catalogue: slot.catalogue,
            enabled: slot.enabled,
            takingsToday: uint40(_takingsOn(slot, _today()))
        });
    }

    function _known(address terminal) private view returns (TillSlot storage slot) {
        slot = _tills[terminal];
        if (slot.key == address(0)) revert TerminalUnknown(terminal);
    }
}
