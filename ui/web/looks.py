"""The colours and fonts of the page: what is read stands out by 4.5 to 1 at least."""

import gradio as gr

FONTS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")
FIXED_FONTS = ("ui-monospace", "Consolas", "monospace")


def theme() -> gr.themes.Base:
    """Return Gradio's plain theme in a grey that leaves photos their colours."""
    base = gr.themes.Base(
        primary_hue="emerald",
        neutral_hue="zinc",
        radius_size="lg",
        font=FONTS,
        font_mono=FIXED_FONTS,
    )
    return base.set(
        body_background_fill_dark="#101012",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_400",
        background_fill_secondary="*neutral_100",
        background_fill_secondary_dark="#1d1d20",
        block_background_fill_dark="#18181b",
        block_label_text_color="*neutral_600",
        block_title_text_color="*neutral_700",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_400",
        border_color_primary_dark="#323236",
        input_background_fill="white",
        input_background_fill_dark="#232327",
        input_border_color="*neutral_300",
        input_border_width="1px",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_dark="*primary_700",
        button_primary_background_fill_hover_dark="*primary_800",
        button_primary_text_color="white",
        color_accent="*primary_700",
        slider_color="*primary_600",
        checkbox_background_color_selected="*primary_700",
        checkbox_background_color_selected_dark="*primary_600",
    )
