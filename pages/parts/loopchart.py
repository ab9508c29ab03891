"""The curve of a loop: accuracy against the number of labels. No streamlit calls."""

from collections.abc import Sequence

import plotly.graph_objects as go

from pages.parts.charts import SHARE_TOP, Look, dress
from ssl_core.loop.advice import Training

HEIGHT = 230  # pixels
FEW = 6  # ticks at most where each stands for one label or one percent


def loop_figure(history: Sequence[Training], look: Look) -> go.Figure:
    """One point a training with its 95 % interval; trainings without an accuracy are left out."""
    known = [one for one in history if one.accuracy is not None and one.interval is not None]
    values = [one.accuracy or 0.0 for one in known]
    intervals = [one.interval or (0.0, 1.0) for one in known]
    figure = go.Figure()
    figure.add_scatter(
        x=[one.labels for one in known],
        y=values,
        mode="lines+markers",
        line={"color": look.category(0), "width": 2},
        marker={"size": 8},
        error_y={
            "array": [high - value for value, (_, high) in zip(values, intervals, strict=True)],
            "arrayminus": [value - low for value, (low, _) in zip(values, intervals, strict=True)],
            "thickness": 1.2,
            "width": 4,
        },
        customdata=[[low, high] for low, high in intervals],
        hovertemplate="%{x} labels: %{y:.1%} "
        "(%{customdata[0]:.1%} to %{customdata[1]:.1%})<extra></extra>",
    )
    dress(figure, look, HEIGHT, showlegend=False)
    figure.update_xaxes(title_text="labels", exponentformat="none", tickformat="d")
    figure.update_yaxes(
        title_text="accuracy",
        tickformat=".0%",
        autorangeoptions={"clipmin": 0, "clipmax": SHARE_TOP},
    )
    if known and known[-1].labels - known[0].labels < FEW:
        figure.update_xaxes(dtick=1)  # else ticks between whole numbers are written as these
    if known and max(high for _, high in intervals) - min(low for low, _ in intervals) < FEW / 100:
        figure.update_yaxes(dtick=0.01)
    return figure
