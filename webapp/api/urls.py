"""Addresses of REST."""

from django.urls import path, re_path

from webapp.api import agent, architectures, datasets, devices, engine, errors, models, searches, steering, uploads

urlpatterns = [
    path("me", engine.Me.as_view()),
    path("engine", engine.Engine.as_view()),
    path("datasets", datasets.Datasets.as_view()),
    path("datasets/<slug:name>", datasets.DatasetOne.as_view()),
    path("datasets/<slug:name>/sample", datasets.DatasetSample.as_view()),
    path("uploads", uploads.Uploads.as_view()),
    path("uploads/<slug:id>", uploads.UploadOne.as_view()),
    path("uploads/<slug:id>/parts", uploads.UploadParts.as_view()),
    path("uploads/<slug:id>/finish", uploads.UploadFinish.as_view()),
    path("searches", searches.Searches.as_view()),
    path("searches/preview", searches.SearchPreview.as_view()),
    path("searches/<slug:id>", searches.SearchOne.as_view()),
    path("searches/<slug:id>/events", searches.SearchEvents.as_view()),
    path("searches/<slug:id>/view", searches.SearchView.as_view()),
    path("searches/<slug:id>/commands", steering.SearchCommands.as_view()),
    path("searches/<slug:id>/commands/<int:number>", steering.SearchCommand.as_view()),
    path("searches/<slug:id>/fork", steering.SearchFork.as_view()),
    path("architectures", architectures.Architectures.as_view()),
    path("architectures/<slug:id>", architectures.ArchitectureOne.as_view()),
    path("architectures/<slug:id>/train", architectures.ArchitectureTrain.as_view()),
    path("architectures/<slug:id>/measurements", devices.ArchitectureMeasurements.as_view()),
    path("devices", devices.Devices.as_view()),
    path("devices/<slug:id>", devices.DeviceOne.as_view()),
    path("agent/hello", agent.Hello.as_view()),
    path("agent/claim", agent.Claim.as_view()),
    path("agent/renew", agent.Renew.as_view()),
    path("agent/complete", agent.Complete.as_view()),
    path("agent/fail", agent.Fail.as_view()),
    path("models/<slug:id>", models.ModelOne.as_view()),
    path("models/<slug:id>/commands", models.ModelCommands.as_view()),
    path("models/<slug:id>/files/<slug:file_format>", models.ModelFile.as_view()),
    re_path("", errors.Nothing.as_view()),
]
