"""The catalogue of an export as a Parquet file, where pyarrow is installed: one row a sample."""

import importlib.util
from pathlib import Path
from typing import Any

from common import errors

ROWS = 5_000
CAMERA, PLACE = ("camera_make", "camera_model"), ("latitude", "longitude")


def is_installed() -> bool:
    """Return whether Parquet files can be written here."""
    return importlib.util.find_spec("pyarrow") is not None


class Parquet:
    """Rows of samples, each with the columns of its photo; `vector` is null where not asked for."""

    def __init__(self, path: Path) -> None:
        if not is_installed():
            raise errors.Mismatch("Parquet needs pyarrow: pip install 'semapix[parquet]'")
        import pyarrow
        from pyarrow import parquet

        self._arrow, self._rows = pyarrow, []  # type: ignore[var-annotated]
        self._path, self._draft = path, path.with_name(f".{path.name}.part")
        self._schema = _schema(pyarrow)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = parquet.ParquetWriter(self._draft, self._schema)

    def add(self, record: dict[str, Any]) -> None:
        """Write a record."""
        photo = {key: record[key] for key in ("file", "photo_id", "format", "sources")}
        photo |= {f"photo_{key}": record[key] for key in ("width", "height", "bytes")}
        photo |= {key: record[key] for key in ("imported_at_s", "perceptual_hash")}
        taken = record["taken"]
        photo |= {"taken_at_s": taken["at_s"]} | {key: taken[key] for key in (*CAMERA, *PLACE)}
        for sample in record["samples"]:
            plain = {k: v for k, v in sample.items() if k not in ("box", "photo_id")}
            self._rows.append(photo | plain | sample["box"] | {"vector": sample.get("vector")})
        if len(self._rows) >= ROWS:
            self._flush()

    def close(self) -> None:
        """Write the rest and give the file its name."""
        self._flush()
        self._writer.close()
        self._draft.replace(self._path)

    def _flush(self) -> None:
        self._writer.write_table(self._arrow.Table.from_pylist(self._rows, schema=self._schema))
        self._rows.clear()


def _schema(arrow: Any) -> Any:
    text, number, count = arrow.string(), arrow.float32(), arrow.int64()
    columns = {
        **dict.fromkeys(("file", "photo_id", "format"), text),
        "sources": arrow.list_(text),
        **dict.fromkeys(("photo_width", "photo_height", "photo_bytes", "imported_at_s"), count),
        "taken_at_s": count,
        **dict.fromkeys(("perceptual_hash", *CAMERA), text),
        **dict.fromkeys(PLACE, arrow.float64()),
        **dict.fromkeys(("sample_id", "kind", "label", "text"), text),
        **dict.fromkeys(("x", "y", "width", "height", "confidence"), number),
        "vector": arrow.list_(arrow.float32()),
    }
    return arrow.schema(list(columns.items()))
