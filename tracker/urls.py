"""The addresses of the diary: the family's side, then the clinic's and the auditor's."""

from django.urls import path

from tracker.views import (
    check_ins,
    doses,
    due,
    emergencies,
    emergency,
    entries,
    entry,
    episodes,
    family,
    flowsheet,
    glance,
    hand_over,
    invitations,
    marks,
    notes,
    patient,
    plans,
    ratings,
    records,
    reviews,
    rules,
    seats,
    states,
    tags,
    trail,
    visitors,
    worklist,
)

app_name = "tracker"

FAMILY = [
    path("log/", family.log, name="log"),
    path("log/<uuid:key>/", family.diary, name="diary"),
    path("log/session/", family.session, name="session"),
    path("log/<uuid:key>/check-in/", check_ins.check_in, name="check-in"),
    path("log/<uuid:key>/check-in/<uuid:entry>/saved/", check_ins.saved, name="saved"),
    path("log/<uuid:key>/check-in/<uuid:entry>/amend/", check_ins.amend, name="amend"),
    path("log/<uuid:key>/check-in/<uuid:entry>/mistake/", check_ins.mistake, name="mistake"),
    path("log/<uuid:key>/messages/", family.messages, name="messages"),
    path("log/<uuid:key>/visitors/", visitors.visitors, name="visitors"),
    path("invitation/<str:token>/", invitations.invitation, name="invitation"),
]

TREATING = [
    path("due/", due.everybody, name="due-everybody"),
    path("patients/<uuid:key>/ratings/new/", ratings.rate, name="rate"),
    path("patients/<uuid:key>/ratings/<uuid:rating>/correct/", ratings.correct, name="correct-rating"),
    path("patients/<uuid:key>/ratings/<uuid:rating>/mistake/", ratings.mistake, name="rating-mistake"),
    path("patients/<uuid:key>/episodes/new/", episodes.start, name="episode-new"),
    path("patients/<uuid:key>/episodes/<int:episode>/edit/", episodes.edit, name="episode-edit"),
    path("patients/<uuid:key>/episodes/<int:episode>/end/", episodes.end, name="episode-end"),
    path("patients/<uuid:key>/treatments/new/", plans.plan, name="plan"),
    path("patients/<uuid:key>/treatments/<int:treatment>/change/", plans.change, name="plan-change"),
    path("patients/<uuid:key>/treatments/<int:treatment>/stop/", plans.stop, name="plan-stop"),
    path("patients/<uuid:key>/treatments/<int:treatment>/dose/", doses.dose, name="dose"),
    path("patients/<uuid:key>/marks/new/", marks.mark, name="mark"),
    path("patients/<uuid:key>/marks/<int:mark>/end/", marks.end, name="mark-end"),
    path("patients/<uuid:key>/due/", due.due, name="due"),
    path("patients/<uuid:key>/due/<int:item>/done/", due.finish, name="due-done"),
    path("patients/<uuid:key>/due/<int:item>/drop/", due.drop, name="due-drop"),
    path("patients/<uuid:key>/tags/", tags.tags, name="tags"),
    path("patients/<uuid:key>/notes/new/", notes.pin, name="pin"),
]

CLINICIAN = [
    path("worklist/", worklist.worklist, name="worklist"),
    path("worklist/export.csv", worklist.export, name="worklist-export"),
    path("worklist/text/", worklist.text, name="worklist-text"),
    path("patients/<uuid:key>/glance/", glance.glance, name="glance"),
    path("patients/register/", seats.register, name="register"),
    path("patients/<uuid:key>/", patient.patient, name="patient"),
    path("patients/<uuid:key>/flowsheet/", flowsheet.flowsheet, name="flowsheet"),
    path("patients/<uuid:key>/entries/", entries.entries, name="entries"),
    path("patients/<uuid:key>/entries/<uuid:entry>/", entry.entry, name="entry"),
    path("patients/<uuid:key>/review/", reviews.review, name="review"),
    path("patients/<uuid:key>/review/<int:review>/undo/", reviews.undo, name="undo-review"),
    path("hand-over/", hand_over.hand_over, name="hand-over"),
    path("rules/<int:clinic>/", rules.rules, name="rules"),
    path("patients/<uuid:key>/seats/", seats.seats, name="seats"),
    path("patients/<uuid:key>/invite/", seats.invite, name="invite"),
    path("patients/<uuid:key>/invite/<uuid:offer>/withdraw/", seats.withdraw, name="withdraw"),
    path("patients/<uuid:key>/seats/refuse/", seats.refuse, name="refuse"),
    path("patients/<uuid:key>/seats/join/", seats.join, name="join"),
    path("patients/<uuid:key>/seats/<int:seat>/renew/", seats.renew, name="renew-seat"),
    path("patients/<uuid:key>/seats/<int:seat>/end/", seats.end_seat, name="end-seat"),
    path("patients/<uuid:key>/freeze/", records.freeze, name="freeze"),
    path("patients/<uuid:key>/open-again/", records.thaw, name="thaw"),
    path("patients/<uuid:key>/entries/<uuid:entry>/hide/", records.hide, name="hide"),
    path("patients/<uuid:key>/hidden/<int:redaction>/show/", records.reveal, name="reveal"),
    path("patients/<uuid:key>/state/", states.state, name="state"),
    path("patients/<uuid:key>/merge/", states.merge, name="merge"),
    *TREATING,
    path("break-glass/", emergency.break_glass, name="break-glass"),
    path("break-glass/<int:seat>/end/", emergency.end, name="end-emergency"),
]

AUDITOR = [
    path("trail/people/<int:number>/", trail.person, name="trail-person"),
    path("trail/patients/<uuid:key>/", trail.patient, name="trail-patient"),
    path("trail/emergencies/", emergencies.emergencies, name="emergencies"),
    path("trail/emergencies/<int:seat>/", emergencies.review, name="emergency"),
]

urlpatterns = [*FAMILY, *CLINICIAN, *AUDITOR]
