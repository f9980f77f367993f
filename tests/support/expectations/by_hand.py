"""Cases worked out by hand, each with its sum: neither calculation had a part in them."""

from __future__ import annotations

# order_ref: status, reason, cash
ORDERS = {
    "H-001": ("paid", None, "3.35"),  # 500 × 0.67 = 335 ≤ 2 × 300; exactly the minimum
    "H-002": ("paid", None, "9.38"),  # 1400 × 0.67 = 938 ≤ 280 + 670: 2.80, then 6.58
    "H-003": ("paid", None, "6.70"),  # 1000 × 0.67 = 670, exactly the item's cap
    "H-004": ("rejected", "item-cap", "7.37"),  # one increment more: 737 > 670
    "H-010": ("rejected", "points-minimum", "3.01"),  # 450: 301.5; too few before uneven
    "H-012": ("rejected", "order-cap", "200.33"),  # 29900 × 0.67 = 20033 > 20000
    "H-014": ("paid", None, "100.50"),  # 2 × 199.66 + 100.50 = 499.82 ≤ 500.00
    "H-015": ("rejected", "account-day-cap", "3.35"),  # 499.82 + 3.35 = 503.17
    "H-022": ("rejected", "expired", "3.35"),  # rules-version fails as well, later
    "H-027": ("invalid", "replayed", "4.02"),  # H-026 was rejected and used the sequence
    "H-034": ("rejected", "insufficient-points", "3.35"),  # H-033 took all 1100 + 1200
    "H-038": ("rejected", "frozen", "60.97"),  # 9100 > 9000 held as well, but frozen first
    "H-040": ("paid", None, "16.75"),  # rows apart: 2 × 6.70 + 3.35 ≤ 2 × 6.70 + 2 × 3.00
    "H-901": ("rejected", "cash-mismatch", "3.34"),  # says 300 + 34, 500 points pay 335
    "K-005": ("rejected", "terminal-day-cap", "0.39"),  # 4 × 59.40 = 237.60 is the cap
    "K-008": ("rejected", "order-cap", "59.59"),  # 15050 × 99 / 250 = 5959.8 > 5940
    "K-010": ("paid", None, "29.70"),  # 59.40 + 59.40 + 29.70 = 148.50, exactly the cap
    "K-022": ("paid", None, "1.38"),  # 350 × 99 / 250 = 138.6, and the price is 1.38
    "K-031": ("rejected", "item-cap", "20.59"),  # 2059 − 1200 − 850 = 9 on the gift card
}

# reference: reason, expires_on. Day numbers: 2024-01-01 is 19723, 2025-01-01 20089, 2026-01-01
# 20454, 2028-01-01 21184, 2029-01-01 21550, 2030-01-01 21915, 2031-01-01 22280.
LOTS = {
    "HB-0003": ("lapsed", None),  # 2019-05-20: day 18036, period 98, ends on day 19032, in 2022
    "HB-0005": ("future", None),  # 2099
    "HB-0009": (None, "2028-02-14"),  # day 20312 = 111 × 183 − 1; 116 × 183 = 21228 = 21184 + 44
    "HB-0010": (None, "2028-08-15"),  # day 20313 = 111 × 183; 117 × 183 = 21411 = 21184 + 227
    "HB-0011": (None, "2028-08-15"),  # day 20495 = 112 × 183 − 1
    "HB-0012": (None, "2029-02-14"),  # day 20496 = 112 × 183; 118 × 183 = 21594 = 21550 + 44
    "HB-0022": ("bad-row", None),  # 12.5 points
    "HB-0024": ("bad-row", None),  # 30 February
    "SM-0013": (None, "2030-12-17"),  # day 20439 = 56 × 365 − 1; 61 × 365 = 22265 = 21915 + 350
    "SM-0014": (None, "2031-12-17"),  # day 20440 = 56 × 365; 62 × 365 = 22630 = 22280 + 350
    "SM-0016": ("lapsed", None),  # 2016-08-08: day 17021, period 46, ends on day 18980, in 2021
    "SM-0020": (None, "2029-12-17"),  # day 20074 = 55 × 365 − 1; 60 × 365 = 21900 = 21550 + 350
    "SM-0021": (None, "2030-12-17"),  # day 20075 = 55 × 365
}

# channel_ref: outcome, same_as, then the amount, time and serial after normalising
QUERIES = {
    "A-1001": ("minted", None, "CNY:12850", "2025-03-04T01:15:00Z", "RRN:506309123456"),
    "T-2002": ("duplicate", "A-1001", "CNY:12850", "2025-03-04T01:15:00Z", "RRN:506309123456"),
    "A-1003": ("minted", None, "CNY:8800", "2025-06-18T02:00:00Z", "RRN:000123456789"),
    "A-1004": ("minted", None, "CNY:8800", "2025-06-18T02:00:00Z", "RRN:123456789"),
    "A-1006": ("duplicate", "B-3001", "JPY:1200", "2025-05-01T03:00:00Z", "RRN:512103000042"),
    "B-3004": ("duplicate", "T-2004", "USD:24500", "2025-07-05T01:15:00Z", "RRN:518601000777"),
    "A-1010": ("minted", None, "CNY:9990", "2025-11-10T16:00:02Z", "RRN:531500000011"),
    "T-2007": ("duplicate", "A-1009", "CNY:9990", "2025-11-10T16:00:01Z", "RRN:531500000011"),
    "A-1013": ("duplicate", "B-3006", "HKD:56000", "2025-12-31T23:30:00Z", "RRN:536523000099"),
    "T-2009": ("duplicate", "B-3007", "JPY:98000", "2026-01-12T10:45:00Z", "RRN:601210000777"),
    "B-3009": ("minted", None, "KWD:25", "2026-01-20T05:00:00Z", "RRN:602005000250"),
    "T-2010": ("duplicate", "B-3008", "KWD:250", "2026-01-20T05:00:00Z", "RRN:602005000250"),
    "B-3010": ("duplicate", "T-2012", "EUR:7240", "2026-03-01T22:59:59Z", "RRN:606022595959"),
    "B-3013": ("minted", None, "HKD:32000", "2026-04-04T08:40:00Z", "STAN:1"),
}

# channel_ref: the fields at fault
PROBLEMS = {
    "T-2003": ["card_number"],  # ends in 2 where 4111 1111 1111 1111 passes Luhn
    "B-3005": ["time"],  # no offset
    "A-1012": ["amount"],  # zero
    "A-1014": ["amount", "attachments"],  # half a yen; missing.png isn't there
    "T-2011": ["serial"],  # TID is no known tag
    "A-1019": ["customer", "serial"],  # an empty customer; no serial at all
}
