"""The addresses of the diary: the family's side, then the clinic's."""

from django.urls import path

from tracker.views import check_ins, family, invitations, patient, seats, worklist

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
    path("invitation/<str:token>/", invitations.invitation, name="invitation"),
]

CLINICIAN = [
    path("worklist/", worklist.worklist, name="worklist"),
    path("patients/register/", seats.register, name="register"),
    path("patients/<uuid:key>/", patient.patient, name="patient"),
    path("patients/<uuid:key>/review/", patient.review, name="review"),
    path("patients/<uuid:key>/invite/", seats.invite, name="invite"),
    path("patients/<uuid:key>/seats/<int:seat>/end/", seats.end_seat, name="end-seat"),
]

urlpatterns = [*FAMILY, *CLINICIAN]
