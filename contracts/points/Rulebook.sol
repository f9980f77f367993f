// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPointsLedger} from "../../interfaces/IPointsLedger.sol";
import {ExchangeRate} from "./ExchangeRate.sol";
import {ItemCaps} from "./ItemCaps.sol";
import {LedgerStorage} from "./LedgerStorage.sol";
import {PackedRules} from "./PackedRules.sol";
import {TillRoll} from "./TillRoll.sol";

/// @title Numbered rules, catalogues and terminals
abstract contract Rulebook is LedgerStorage {
    using ItemCaps for uint256;
    using PackedRules for uint256;
    using TillRoll for uint256;

    // --------------------------------------------------------------------------------- rules

    /// @inheritdoc IPointsLedger
    function publishRules(Rules calldata next) external onlyRole(RULES_ROLE) returns (uint32 version) {
        _checkRules(next);
        uint40 previousLiveUntil = uint40(block.timestamp) + next.sunsetSeconds;
        if (currentRules != 0) _terms[currentRules].liveUntil = previousLiveUntil;
        version = ++currentRules;
        _rules[version] = PackedRules.pack(next);
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
        uint256 packed = _rules[version];
        RulesTerms storage terms = _terms[version];
        if (packed == 0) revert UnknownRules(version);
        return (
            Rules({
                points: uint32(packed.points()),
                minorUnits: uint32(packed.minorUnits()),
                minimumPoints: uint32(packed.minimumPoints()),
                increment: uint32(packed.increment()),
                maxOrder: uint40(packed.maxOrder()),
                maxAccountDay: uint40(packed.maxAccountDay()),
                maxTerminalDay: uint40(packed.maxTerminalDay()),
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
        return _itemCounts[catalogue];
    }

    /// @inheritdoc IPointsLedger
    function itemCaps(uint32 catalogue, uint32 firstItem, uint256 count)
        external
        view
        returns (uint40[] memory caps)
    {
        uint256 all = _itemCounts[catalogue];
        if (firstItem == 0 || firstItem > all) return caps;
        uint256 left = all - firstItem + 1;
        caps = new uint40[](count < left ? count : left);
        for (uint256 i; i < caps.length; ++i) {
            uint256 item = firstItem + i;
            caps[i] = uint40(_caps[ItemCaps.key(catalogue, item)].entryOf(item) - 1);
        }
    }

    function _listItems(uint32 catalogue, uint40[] calldata caps, string[] calldata names) private {
        if (caps.length != names.length) revert CapsAndNamesDiffer(caps.length, names.length);
        uint256 firstItem = _itemCounts[catalogue] + 1;
        for (uint256 i; i < caps.length; ++i) {
            uint256 item = firstItem + i;
            uint256 key = ItemCaps.key(catalogue, item);
            _caps[key] = _caps[key].list(item, caps[i]);
        }
        _itemCounts[catalogue] += caps.length;
        emit ItemsListed(catalogue, uint32(firstItem), caps, names);
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
        _tills[terminal] = TillSlot({key: terminal, strip: 0, catalogue: uint24(catalogue), enabled: true});
        emit TerminalRegistered(terminal, catalogue);
    }

    /// @inheritdoc IPointsLedger
    function assignCatalogue(address terminal, uint32 catalogue) external onlyRole(RULES_ROLE) {
        _requireCatalogue(catalogue);
        _known(terminal).catalogue = uint24(catalogue);
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
            takingsToday: uint40(_strips[TillRoll.key(uint160(terminal), slot.strip)].takingsOn(_today()))
        });
    }

    function _known(address terminal) private view returns (TillSlot storage slot) {
        slot = _tills[terminal];
        if (slot.key == address(0)) revert TerminalUnknown(terminal);
    }
}
