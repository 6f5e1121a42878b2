"""
Functions that take files. Source: spec/sample.md, Uploads.
"""
import hashlib

import database
from contexts import UserContext
from counting import counted
from environment import digest
from mizan import Upload, client
from models import Document, FileFacts, User

CHUNK_BYTES = 65_536


def facts(file: Upload) -> FileFacts:
    return FileFacts(name=file.name, type=file.type, size=file.size, digest=digest(sha256(file)))


def sha256(file: Upload) -> str:
    found = hashlib.sha256()
    while chunk := file.stream.read(CHUNK_BYTES):
        found.update(chunk)
    return found.hexdigest()


@client()
@counted
def hash_file(request, file: Upload) -> FileFacts:
    return facts(file)


@client()
@counted
def hash_files(request, files: list[Upload]) -> list[FileFacts]:
    return [facts(file) for file in files]


@client()
@counted
def hash_image(request, image: Upload(types=["image/png", "image/jpeg"])) -> FileFacts:       # type: ignore[valid-type]
    return facts(image)


@client()
@counted
def label_file(request, label: str, file: Upload | None = None) -> str:
    return digest(label + (sha256(file) if file else "none"))


@client()
@counted
def file_pair(request, label: str, one: Upload, two: Document) -> str:
    return digest(label + two.title + sha256(one) + sha256(two.file))


@client(affects=UserContext)
@counted
def set_avatar(request, user_id: int, avatar: Upload) -> User:
    return database.renamed(user_id, sha256(avatar))
