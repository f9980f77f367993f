// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title An account in one storage slot
/// @notice Bits, low to high: six lots of uint32 points, soonest to expire first (192); the day on
/// which the account was last touched (16); the cash spent on that day (47); frozen (1). The day
/// also says when the lots were earned: the last one in that day's period, the first five before.
library Lots {
    uint256 internal constant COUNT = 6;
    uint256 internal constant MAX_POINTS = type(uint32).max;

    uint256 private constant LOTS = type(uint192).max;
    uint256 private constant DAY = 192;
    uint256 private constant SPENT = 208;
    uint256 private constant FROZEN = 1 << 255;
    uint256 private constant SPENT_MASK = type(uint256).max >> 1 >> SPENT;

    /// @notice The account as `day` finds it: lots moved up, what is over lapsed, a new day's
    /// spending begun.
    function touch(uint256 account, uint256 day, uint256 lotDays)
        internal
        pure
        returns (uint256 fresh, uint256 lapsed)
    {
        uint256 last = touchedOn(account);
        if (last == day) return (account, 0);
        uint256 periods = day / lotDays - last / lotDays;
        uint256 lots = account & LOTS;
        if (periods != 0 && lots != 0) {
            uint256 kept = periods < COUNT ? lots >> (32 * periods) : 0;
            lapsed = sum(lots) - sum(kept);
            lots = kept;
        }
        fresh = (account & FROZEN) | (day << DAY) | lots;
    }

    /// @notice Take points, soonest to expire first.
    /// @return left The account without them.
    /// @return drawn Taken per lot, packed like the account's lots.
    /// @return missing Points that the lots don't hold.
    function draw(uint256 account, uint256 points)
        internal
        pure
        returns (uint256 left, uint256 drawn, uint256 missing)
    {
        missing = points;
        uint256 shift = _firstHeld(account & LOTS);
        // No lot gives more than it holds or than is missing, so neither difference is below zero.
        unchecked {
            for (; shift < DAY; shift += 32) {
                uint256 taken = account >> shift & MAX_POINTS;
                if (taken >= missing) {
                    drawn |= missing << shift;
                    missing = 0;
                    break;
                }
                drawn |= taken << shift;
                missing -= taken;
            }
            left = account - drawn;
        }
    }

    /// @dev Where the first lot begins that holds anything; some lot if none does.
    function _firstHeld(uint256 lots) private pure returns (uint256 shift) {
        if (lots & type(uint96).max == 0) (lots, shift) = (lots >> 96, 96);
        unchecked {
            if (lots & type(uint64).max == 0) shift += 64;
            else if (lots & type(uint32).max == 0) shift += 32;
        }
    }

    /// @notice Put points into a lot; what doesn't fit spills into the next, and after the last
    /// into the ones before.
    /// @return next The account with them.
    /// @return over Points for which there was no room in any lot.
    function put(uint256 account, uint256 lot, uint256 points) internal pure returns (uint256 next, uint256 over) {
        over = points;
        for (uint256 step; step < COUNT && over != 0; ++step) {
            uint256 target = lot + step < COUNT ? lot + step : COUNT - 1 - step;
            uint256 fits = MAX_POINTS - at(account, target);
            if (fits > over) fits = over;
            account += fits << (32 * target);
            over -= fits;
        }
        next = account;
    }

    function at(uint256 account, uint256 lot) internal pure returns (uint256) {
        return (account >> (32 * lot)) & MAX_POINTS;
    }

    /// @notice Points in all lots.
    function sum(uint256 account) internal pure returns (uint256 points) {
        for (uint256 lot; lot < COUNT; ++lot) {
            points += at(account, lot);
        }
    }

    function touchedOn(uint256 account) internal pure returns (uint256) {
        return (account >> DAY) & type(uint16).max;
    }

    function spent(uint256 account) internal pure returns (uint256) {
        return (account >> SPENT) & SPENT_MASK;
    }

    /// @notice The day's spending with so much more, as yet unpaid.
    function spentWith(uint256 account, uint256 cash) internal pure returns (uint256) {
        unchecked {
            return spent(account) + cash; // 47 bits and 40
        }
    }

    /// @dev A day's cap is below 2^40, so the sum stays below 2^47.
    function spend(uint256 account, uint256 cash) internal pure returns (uint256) {
        unchecked {
            return account + (cash << SPENT);
        }
    }

    function frozen(uint256 account) internal pure returns (bool) {
        return account & FROZEN != 0;
    }

    function setFrozen(uint256 account, bool yes) internal pure returns (uint256) {
        return yes ? account | FROZEN : account & ~FROZEN;
    }
}
