select * from {{ ref('a_model_whose_name_goes_far_beyond_the_sixty_three_characters_of_postgres') }}
