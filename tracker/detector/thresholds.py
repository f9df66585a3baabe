"""Every number the rules use, so that a clinic can try others on past data."""

from dataclasses import dataclass

VERSION = "1"  # of the rules; a changed rule or number means a new one


@dataclass(frozen=True)
class Thresholds:
    """Numbers of the rules.

    Units: names in `_days` are days, `_hours` hours, `_c` degrees Celsius, `_share` a part of 1; `_least`
    and `_takes` count entries; the others are points of a rating or of a sum of ratings.
    Source: the proposal of the project's clinical reference (sections 2.3 and 2.4), not validated. What
    that proposal leaves open is ours, chosen by reasoning and tried on random courses; see
    `docs/detector.md`.
    """

    # The first stage and the daily usual
    daily_days: int = 14
    daily_reach_days: int = 28  # how far back when the last 14 days hold too few
    daily_least: int = 6
    ask_rise: float = 1  # on two entries running
    ask_rise_once: float = 2
    running_days: int = 3  # two entries this far apart still count as running
    # The usual of home checks
    baseline_days: int = 56
    baseline_takes: int = 4
    baseline_least: int = 3
    settling_days: int = 28  # of diary before a usual is believed
    settling_rise: float = 3  # a usual that climbs so much is none yet
    stranger_rise: float = 1  # more is asked of a writer whose own usual is not known
    # Watch and possible change
    watch_rise: float = 2
    change_rise: float = 3
    item_rise: float = 2
    mood_counts: float = 1  # points of mood's rise that count towards a total's
    eye_motor_rise: float = 2  # instead of the total's, near a pulse or immunoglobulin
    daily_rise: float = 2  # of the four daily eye and motor items together
    daily_strong_least: int = 3  # days, where no home check speaks
    eyes_absent_days: int = 30
    eyes_absent_least: int = 4
    sustained_days: int = 3
    sustained_hours: float = 66  # three evenings are seldom 72 hours to the minute
    run_gap_days: int = 21
    plateau_days: int = 28
    pulse_days: int = 5
    ivig_days: int = 3
    illness_days: int = 7
    # Same day
    jump: float = 4
    newly_days: int = 28
    worry_days: int = 3
    # Slow drift
    drift_rise: float = 2
    drift_recent_days: int = 28
    drift_span_days: int = 14
    drift_from_days: int = 70
    drift_to_days: int = 42
    drift_least: int = 3
    # Too little data
    silence_days: int = 21
    sparse_days: int = 21
    sparse_usual_days: int = 56
    sparse_share: float = 0.6
    # Medicines and temperature
    missed_least: int = 2
    missed_days: int = 3
    stopped_days: int = 28  # a steroid given at least so long is not stopped without steps
    fever_c: float = 38.0
    low_c: float = 36.0


STANDARD = Thresholds()
