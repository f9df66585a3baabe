"""The addresses of the diary: the family's side, then the clinic's and the auditor's."""

from django.urls import path

from tracker.views import (
    check_ins,
    emergencies,
    emergency,
    family,
    invitations,
    patient,
    records,
    reviews,
    seats,
    states,
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

CLINICIAN = [
    path("worklist/", worklist.worklist, name="worklist"),
    path("patients/register/", seats.register, name="register"),
    path("patients/<uuid:key>/", patient.patient, name="patient"),
    path("patients/<uuid:key>/review/", reviews.review, name="review"),
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
