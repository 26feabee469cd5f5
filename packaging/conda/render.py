"""Parse and render the recipe as conda-forge's builder does: rattler-build."""

from pathlib import Path

from rattler_build import Stage0Recipe, VariantConfig

recipe = Stage0Recipe.from_file(Path(__file__).parent / "recipe.yaml")
(variant,) = recipe.render(VariantConfig())
print(variant.recipe.package.name, variant.recipe.package.version)
